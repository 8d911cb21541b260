package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocument;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.MalformedImageException;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An image in a folder: an OCI layout, or what {@code docker save} wrote.
 *
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md">image-spec,
 *     image layout</a>
 */
final class ImageArchive {
  private static final String PLAIN_LAYER = "application/vnd.oci.image.layer.v1.tar";

  private final Path root;

  ImageArchive(Path root) {
    this.root = root;
  }

  /** Sends the image, and names it {@code key}. */
  Digest push(RegistrySession to, String key) throws IOException {
    if (Files.exists(root.resolve("index.json"))) {
      JsonNode entries =
          ApiClient.JSON.readTree(root.resolve("index.json").toFile()).path("manifests");
      if (entries.size() != 1) {
        throw CliException.failed(
            "the layout holds %d images, import takes one".formatted(entries.size()));
      }
      return document(entries.path(0).path("digest").asText(), to, key);
    }
    if (Files.exists(root.resolve("manifest.json"))) {
      return dockerArchive(to, key);
    }
    throw CliException.failed(
        "neither index.json nor manifest.json in it: import takes OCI layouts and 'docker save'");
  }

  /** Sends an image to the session, and names it. */
  interface Push {
    Digest to(RegistrySession to, String key) throws IOException;
  }

  /** The images that have a name in the archive, with what sends each. */
  Map<String, Push> named() throws IOException {
    Map<String, Push> images = new LinkedHashMap<>();
    Path docker = root.resolve("manifest.json");
    Path layout = root.resolve("index.json");
    if (Files.exists(docker)) {
      for (JsonNode image : ApiClient.JSON.readTree(docker.toFile())) {
        for (JsonNode tag : image.path("RepoTags")) {
          images.put(tag.asText(), (to, key) -> dockerImage(image, to, key));
        }
      }
    }
    // Where an archive is both, this has the documents as they were, and the digests with them.
    if (Files.exists(layout)) {
      for (JsonNode image : ApiClient.JSON.readTree(layout.toFile()).path("manifests")) {
        String name = image.path("annotations").path(ImageSave.NAME).asText();
        String familiar = name.replaceFirst("^docker\\.io/(library/)?", "");
        if (!familiar.isEmpty()) {
          String digest = image.path("digest").asText();
          images.put(familiar, (to, key) -> document(digest, to, key));
        }
      }
    }
    return images;
  }

  private Digest document(String digest, RegistrySession to, String key) throws IOException {
    byte[] content = Files.readAllBytes(blob(Digest.parse(digest)));
    Digest actual = Digest.ofNamed(digest, content);
    if (!actual.toString().equals(digest)) {
      throw CliException.failed("blob %s is something else".formatted(digest));
    }
    ImageDocument document;
    try {
      document = ImageDocuments.read(content, null, ImageLimits.DEFAULT);
    } catch (MalformedImageException e) {
      throw CliException.failed("manifest %s: %s".formatted(digest, e.getMessage()));
    }
    switch (document) {
      case Manifest manifest -> {
        to.put(manifest.config(), () -> open(blob(manifest.config().digest())));
        for (Descriptor layer : manifest.layers()) {
          to.put(layer, () -> open(blob(layer.digest())));
        }
      }
      case ImageIndex index -> {
        for (Descriptor entry : index.manifests()) {
          document(entry.digest().toString(), to, entry.digest().toString());
        }
      }
    }
    to.put(key, document.mediaType(), content);
    return actual;
  }

  private Digest dockerArchive(RegistrySession to, String key) throws IOException {
    JsonNode images = ApiClient.JSON.readTree(root.resolve("manifest.json").toFile());
    if (images.size() != 1) {
      throw CliException.failed(
          "the archive holds %d images, import takes one".formatted(images.size()));
    }
    return dockerImage(images.path(0), to, key);
  }

  private Digest dockerImage(JsonNode image, RegistrySession to, String key) throws IOException {
    Descriptor config = send(MediaTypes.OCI_CONFIG, image.path("Config").asText(), to);
    List<Descriptor> layers = new ArrayList<>();
    for (JsonNode layer : image.path("Layers")) {
      layers.add(send(PLAIN_LAYER, layer.asText(), to));
    }
    byte[] manifest =
        ImageWriter.write(
            new Manifest(MediaTypes.OCI_MANIFEST, null, config, layers, null, new TreeMap<>()));
    to.put(key, MediaTypes.OCI_MANIFEST, manifest);
    return Digest.of(manifest);
  }

  private Descriptor send(String mediaType, String name, RegistrySession to) throws IOException {
    Path file = root.resolve(name).normalize();
    if (!file.startsWith(root) || !Files.isRegularFile(file)) {
      throw CliException.failed("the archive has no file '%s'".formatted(name));
    }
    Descriptor blob =
        new Descriptor(mediaType, digestOf(file), Files.size(file), new TreeMap<>(), null, null);
    to.put(blob, () -> open(file));
    return blob;
  }

  private static Digest digestOf(Path file) throws IOException {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      try (var in = new DigestInputStream(open(file), sha)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return Digest.parse("sha256:" + HexFormat.of().formatHex(sha.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private Path blob(Digest digest) {
    return root.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
  }

  private static InputStream open(Path file) {
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
