package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.api.Target;
import dev.waybill.cli.caller.Caller;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;
import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.oci.layer.TarWriter;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code waybill image save}: an OCI layout that {@code docker load} takes too, for it has a {@code
 * manifest.json} besides its {@code index.json}. The same images give the same bytes.
 */
@Command(
    name = "save",
    description = "Writes images to an archive that docker, podman and skopeo read.",
    mixinStandardHelpOptions = true)
final class ImageSave implements Runnable {
  static final String NAME = "io.containerd.image.name";
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final int BUFFER_BYTES = 128 * 1024;

  @Mixin Connection connection = new Connection();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to (default: the output).")
  Optional<String> output = Optional.empty();

  @Parameters(paramLabel = "REFERENCE", arity = "1..*")
  List<String> references = List.of();

  private final Map<String, LayerEntry> files = new TreeMap<>();
  private final ArrayNode index = ApiClient.JSON.createArrayNode();
  private final ArrayNode docker = ApiClient.JSON.createArrayNode();

  @Override
  public void run() {
    Target target = connection.client().target();
    try {
      for (String reference : references) {
        add(target, ImageTransfer.parsed(reference));
      }
      file("oci-layout", ApiClient.JSON.createObjectNode().put("imageLayoutVersion", "1.0.0"));
      ObjectNode layout = ApiClient.JSON.createObjectNode().put("schemaVersion", 2);
      layout.set("manifests", index);
      file("index.json", layout);
      file("manifest.json", docker);
      write();
    } catch (IOException e) {
      throw CliException.failed("cannot save: " + e.getMessage());
    }
  }

  private void file(String name, Object json) throws IOException {
    files.put(name, LayerEntry.file(name, ApiClient.JSON.writeValueAsBytes(json)));
  }

  private void add(Target target, Reference name) throws IOException {
    String repository = RegistrySession.repositoryOf(name);
    RegistrySession.Document document;
    try (var registry = RegistrySession.own(target, repository)) {
      document = registry.document(name.manifestKey());
      addDocument(target, repository, registry, document, name);
    }
    ObjectNode entry = index.addObject();
    entry.put("mediaType", document.mediaType());
    entry.put("digest", Digest.of(document.content()).toString());
    entry.put("size", document.content().length);
    entry.putObject("annotations").put(NAME, name.familiar()).put(REF_NAME, name.manifestKey());
  }

  private void addDocument(
      Target target,
      String repository,
      RegistrySession registry,
      RegistrySession.Document document,
      Reference name) {
    Digest digest = Digest.of(document.content());
    String path = path(digest);
    files.put(path, LayerEntry.file(path, document.content()));
    switch (document.value()) {
      case Manifest manifest -> {
        addBlob(target, repository, manifest.config());
        manifest.layers().forEach(layer -> addBlob(target, repository, layer));
        forDocker(manifest, name);
      }
      case ImageIndex images -> {
        Platform host = Platform.linux(System.getProperty("os.arch", ""));
        for (Descriptor image : images.manifests()) {
          boolean named = host.equals(image.platform());
          RegistrySession.Document inner = registry.document(image.digest().toString());
          addDocument(target, repository, registry, inner, named ? name : name.pinned(digest));
        }
      }
    }
  }

  private void addBlob(Target target, String repository, Descriptor blob) {
    String path = path(blob.digest());
    var content = new Blob(target, repository, blob.digest(), blob.size());
    files.put(path, new LayerEntry.RegularFile(path, FileAttributes.ofMode(0644), content));
  }

  /** Docker's list names what has a tag; it reads configurations and layers where OCI has them. */
  private void forDocker(Manifest manifest, Reference name) {
    if (name.digest() != null) {
      return;
    }
    ObjectNode image = docker.addObject();
    image.put("Config", path(manifest.config().digest()));
    image.putArray("RepoTags").add(name.familiarRepository() + ":" + name.manifestKey());
    ArrayNode layers = image.putArray("Layers");
    manifest.layers().forEach(layer -> layers.add(path(layer.digest())));
  }

  private static String path(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }

  /** Read when it is written: images are larger than memory. */
  private record Blob(Target target, String repository, Digest digest, long size)
      implements FileContent {
    @Override
    public InputStream open() {
      var registry = RegistrySession.own(target, repository);
      return new FilterInputStream(registry.blob(digest)) {
        @Override
        public void close() throws IOException {
          try (registry) {
            super.close();
          }
        }
      };
    }
  }

  private void write() throws IOException {
    if (output.isEmpty()) {
      write(Caller.stdout());
      return;
    }
    Path file = Caller.path(output.get());
    Path draft = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (OutputStream out =
          new BufferedOutputStream(Files.newOutputStream(draft), BUFFER_BYTES)) {
        write(out);
      }
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private void write(OutputStream out) throws IOException {
    var tar = new TarWriter(out);
    tar.write(LayerEntry.directory("blobs"));
    tar.write(LayerEntry.directory("blobs/sha256"));
    for (LayerEntry file : files.values()) {
      tar.write(file);
    }
    tar.finish();
  }
}
