package dev.waybill.cli.build;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.image.RegistrySession;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.ImageConfigs;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The platform's registry as a build needs it: bases come from it, intermediate images go to a
 * repository of their own, where the steps of later builds find them.
 */
final class BuildRegistry {
  /** Of intermediate images. */
  static final String REPOSITORY = "waybill/build";

  private static final long PULL_WITHIN_MS = 600_000;

  private final ApiClient client;

  BuildRegistry(ApiClient client) {
    this.client = client;
  }

  /** An image that is in the registry. */
  record Present(Digest digest, ImageConfig config, List<BuildLayer> layers) {}

  /** Fetches a base, by the same rules as for containers. */
  Present pull(String reference, String namespace, Platform platform) {
    var body =
        ApiClient.JSON.createObjectNode().put("reference", reference).put("namespace", namespace);
    String request = client.post("/v1/images/pull", body).path("requestId").asText();
    var answer = client.get("/v1/images/pull/" + request + "?timeoutMs=" + PULL_WITHIN_MS);
    if (!answer.path("good").asBoolean()) {
      throw CliException.failed(
          "base image %s: %s".formatted(reference, answer.path("text").asText("no answer")));
    }
    String repository = RegistrySession.repositoryOf(Reference.parse(reference));
    return read(repository, answer.path("text").asText(), platform)
        .orElseThrow(() -> CliException.failed("base image %s went away".formatted(reference)));
  }

  /**
   * The image that a container was made from.
   *
   * @param container as the API shows it
   */
  Present base(JsonNode container) {
    String reference = container.path("image").asText();
    String digest = container.path("imageDigest").asText();
    if (digest.isEmpty()) {
      throw CliException.failed("the container has no image yet, see 'waybill ps -a'");
    }
    String repository = RegistrySession.repositoryOf(Reference.parse(reference));
    Platform any = Platform.linux(System.getProperty("os.arch", ""));
    return read(repository, digest, any)
        .orElseThrow(() -> CliException.failed("image " + reference + " is not here any more"));
  }

  /** An intermediate image by its tag. */
  Optional<Present> cached(String tag, Platform platform) {
    return read(REPOSITORY, tag, platform);
  }

  private Optional<Present> read(String repository, String key, Platform platform) {
    try (var session = RegistrySession.own(client.target(), repository)) {
      Optional<RegistrySession.Document> document = session.find(key);
      if (document.isEmpty()) {
        return Optional.empty();
      }
      if (document.get().value() instanceof ImageIndex index) {
        Descriptor fitting =
            index.manifests().stream()
                .filter(m -> m.platform() != null && m.platform().equals(platform))
                .findFirst()
                .orElseThrow(
                    () ->
                        CliException.failed(
                            "%s:%s has no image for %s".formatted(repository, key, platform)));
        return read(repository, fitting.digest().toString(), platform);
      }
      var manifest = (Manifest) document.get().value();
      byte[] config;
      try (InputStream in = session.blob(manifest.config().digest())) {
        config = in.readAllBytes();
      }
      ImageConfig image = ImageConfigs.read(config, ImageLimits.DEFAULT);
      var layers = new ArrayList<BuildLayer>();
      for (int i = 0; i < manifest.layers().size(); i++) {
        layers.add(
            new BuildLayer(
                manifest.layers().get(i),
                image.diffIds().get(i),
                new BuildLayer.Where.InRepository(repository)));
      }
      return Optional.of(new Present(Digest.of(document.get().content()), image, layers));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + repository + ":" + key, e);
    }
  }

  /** A layer's blob. */
  InputStream open(BuildLayer layer) throws IOException {
    return switch (layer.where()) {
      case BuildLayer.Where.InFile(Path file) -> Files.newInputStream(file);
      case BuildLayer.Where.InRepository(String name) -> {
        var session = RegistrySession.own(client.target(), name);
        yield new FilterInputStream(session.blob(layer.blob().digest())) {
          @Override
          public void close() throws IOException {
            try (session) {
              super.close();
            }
          }
        };
      }
    };
  }

  /** Puts an image into a repository, under its digest or a tag. */
  Digest publish(ImageDraft image, String repository, Optional<String> tag) {
    try (var session = RegistrySession.own(client.target(), repository)) {
      for (BuildLayer layer : image.layers()) {
        if (layer.where() instanceof BuildLayer.Where.InRepository(String other)) {
          session.mount(layer.blob(), other, () -> opened(layer));
        } else {
          session.put(layer.blob(), () -> opened(layer));
        }
      }
      byte[] config = ImageWriter.write(image.config());
      Descriptor described = Descriptor.of(MediaTypes.OCI_CONFIG, config);
      session.put(described, () -> new ByteArrayInputStream(config));
      byte[] manifest =
          ImageWriter.write(
              Manifest.oci(described, image.layers().stream().map(BuildLayer::blob).toList()));
      Digest digest = Digest.of(manifest);
      session.put(tag.orElse(digest.toString()), MediaTypes.OCI_MANIFEST, manifest);
      return digest;
    }
  }

  private InputStream opened(BuildLayer layer) {
    try {
      return open(layer);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read layer " + layer.blob().digest(), e);
    }
  }
}
