package dev.waybill.image.ingest;

import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.RegistryRequest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocument;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.MalformedImageException;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.PlatformSelection;
import dev.waybill.registryclient.RegistryConnection;
import dev.waybill.registryclient.RegistryConnection.Opened;
import dev.waybill.registryclient.RegistryFailedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Fetches the documents of an image, from what its name means down to the platform's manifest. */
final class DocumentFetch {
  private static final int DEPTH_MAX = 3;
  private static final int ATTEMPTS_MAX = 3;

  private final RegistryConnection registry;
  private final ImageLimits limits;

  DocumentFetch(RegistryConnection registry, ImageLimits limits) {
    this.registry = registry;
    this.limits = limits;
  }

  /** A document with the bytes it was read from. */
  record Document(ImageDocument value, byte[] content, Digest digest) {}

  /**
   * An image of one platform.
   *
   * @param entry of the index that names it; none if no index does
   */
  record Image(Document document, Manifest manifest, @Nullable Descriptor entry) {
    /** What the index says that it is for. */
    Optional<Platform> platform() {
      return Optional.ofNullable(entry).map(Descriptor::platform);
    }
  }

  /**
   * The documents on the way to the manifests for some platforms.
   *
   * @param documents what is named before what names it: manifests first, what the name means last
   * @param images in the same order, at least one
   */
  record Found(List<Document> documents, List<Image> images) {
    /** The one that runs here, if one does. */
    Image first() {
      return images.getFirst();
    }

    /** All configurations and layers. */
    List<Digest> blobs() {
      return images.stream().flatMap(image -> image.manifest().childDigests().stream()).toList();
    }

    /** What the images are for, as far as an index says it. */
    List<String> platforms() {
      return PlatformSelection.shown(
          images.stream().flatMap(image -> Stream.ofNullable(image.entry())).toList());
    }
  }

  /** Follows {@code key} to the manifest for this platform. */
  Found fetch(String repository, String key, Platform platform)
      throws IOException, PullFailedException, InterruptedException {
    List<Document> path = new ArrayList<>();
    Document document = one(repository, key, Optional.empty());
    Descriptor entry = null;
    path.addFirst(document);
    for (int depth = 1; depth <= DEPTH_MAX; depth++) {
      switch (document.value()) {
        case Manifest manifest -> {
          return new Found(path, List.of(new Image(document, manifest, entry)));
        }
        case ImageIndex index -> {
          entry = index.pick(platform).orElseThrow(() -> noPlatform(platform, index));
          document = one(repository, entry.digest().toString(), Optional.of(entry));
          path.addFirst(document);
        }
      }
    }
    throw new PullFailedException(
        Reason.MALFORMED, "indexes are nested deeper than " + DEPTH_MAX + " in " + repository);
  }

  static PullFailedException noPlatform(Platform platform, ImageIndex index) {
    return new PullFailedException(
        Reason.NO_PLATFORM, "the image is not for " + platform + " but for " + index.platforms());
  }

  /** The bytes of a document that is known. */
  byte[] content(String repository, Descriptor document)
      throws IOException, PullFailedException, InterruptedException {
    return one(repository, document.digest().toString(), Optional.of(document)).content();
  }

  Document one(String repository, String key, Optional<Descriptor> expected)
      throws PullFailedException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return read(repository, key, expected);
      } catch (IOException e) { // The registry's fault: nothing touches the disk here.
        if (attempt == ATTEMPTS_MAX) {
          throw new PullFailedException(
              Reason.UNREACHABLE,
              "manifest " + key + " broke off " + attempt + " times: " + e.getMessage(),
              e);
        }
      }
    }
  }

  private Document read(String repository, String key, Optional<Descriptor> expected)
      throws IOException, PullFailedException, InterruptedException {
    try (Opened opened = registry.open(RegistryRequest.manifest(repository, key))) {
      byte[] content = opened.body().readNBytes(limits.documentBytesMax() + 1);
      if (content.length > limits.documentBytesMax()) {
        throw new PullFailedException(
            Reason.MALFORMED,
            "manifest " + key + " is over the limit of " + limits.documentBytesMax() + " bytes");
      }
      verify(key, content, expected, opened.header("Docker-Content-Digest"));
      return new Document(
          ImageDocuments.read(content, opened.header("Content-Type").orElse(null), limits),
          content,
          Digest.ofNamed(key, content));
    } catch (RegistryFailedException e) {
      throw PullFailedException.of(e);
    } catch (MalformedImageException e) {
      throw new PullFailedException(
          Reason.MALFORMED, "manifest " + key + " of " + repository + ": " + e.getMessage(), e);
    }
  }

  /** A tag's digest may be announced by an algorithm that we don't hash with. */
  private static boolean isOfSameKind(String announced, String actual) {
    return announced.startsWith(actual.substring(0, actual.indexOf(':') + 1));
  }

  private static void verify(
      String key, byte[] content, Optional<Descriptor> expected, Optional<String> announced)
      throws PullFailedException {
    String actual = Digest.ofNamed(key, content).toString();
    if (key.indexOf(':') >= 0 && !key.equals(actual)) {
      throw new PullFailedException(
          Reason.DIGEST_MISMATCH, "manifest " + key + " arrived as " + actual);
    }
    if (announced.filter(said -> isOfSameKind(said, actual) && !said.equals(actual)).isPresent()) {
      throw new PullFailedException(
          Reason.DIGEST_MISMATCH,
          "manifest " + key + " was announced as " + announced.get() + " and arrived as " + actual);
    }
    if (expected.isPresent() && expected.get().size() != content.length) {
      throw new PullFailedException(
          Reason.DIGEST_MISMATCH,
          "manifest " + key + " has " + content.length + " bytes, not " + expected.get().size());
    }
  }
}
