package dev.waybill.image.ingest;

import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.ImageConfigs;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.MalformedImageException;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.PlatformSelection;
import java.io.IOException;
import java.util.function.Predicate;

/** Whether an image's configuration fits its manifest, before the layers are fetched. */
final class ConfigCheck {
  private final BlobStore store;
  private final ImageLimits limits;

  ConfigCheck(BlobStore store, ImageLimits limits) {
    this.store = store;
    this.limits = limits;
  }

  void requireSmall(Manifest manifest) throws PullFailedException {
    if (manifest.config().size() > limits.configBytesMax()) {
      throw new PullFailedException(
          Reason.MALFORMED,
          "a configuration of "
              + manifest.config().size()
              + " bytes is over the limit of "
              + limits.configBytesMax());
    }
  }

  /** An image without an index says only in its configuration what it runs on. */
  void requirePlatform(Manifest manifest, Platform wanted) throws IOException, PullFailedException {
    requirePlatform(manifest, wanted::runs, wanted.toString());
  }

  /** The same, where one of several will do. */
  void requirePlatform(Manifest manifest, PlatformSelection wanted)
      throws IOException, PullFailedException {
    requirePlatform(manifest, wanted::takes, wanted.texts().toString());
  }

  private void requirePlatform(Manifest manifest, Predicate<Platform> fits, String wanted)
      throws IOException, PullFailedException {
    String type = manifest.config().mediaType();
    if (!type.equals(MediaTypes.OCI_CONFIG) && !type.equals(MediaTypes.DOCKER_CONFIG)) {
      return; // An artifact, which runs nowhere.
    }
    StoredBlob blob = store.find(manifest.config().digest()).orElseThrow();
    ImageConfig config;
    try {
      config = ImageConfigs.read(store.read(blob), limits);
    } catch (MalformedImageException e) {
      throw new PullFailedException(
          Reason.MALFORMED, "configuration " + blob.digest() + ": " + e.getMessage(), e);
    }
    if (!fits.test(config.platform())) {
      throw new PullFailedException(
          Reason.NO_PLATFORM, "the image is for " + config.platform() + ", not for " + wanted);
    }
    if (config.diffIds().size() != manifest.layers().size()) {
      throw new PullFailedException(
          Reason.MALFORMED,
          "the configuration has "
              + config.diffIds().size()
              + " layers, the manifest "
              + manifest.layers().size());
    }
  }
}
