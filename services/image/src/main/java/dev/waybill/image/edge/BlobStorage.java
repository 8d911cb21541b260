package dev.waybill.image.edge;

import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.DiskBlobStore;
import dev.waybill.image.store.s3.S3BlobStore;
import dev.waybill.image.store.s3.S3Settings;
import dev.waybill.image.store.s3.S3Settings.Addressing;
import java.io.IOException;

/** Opens the store that the settings name; what only another one needs isn't even loaded. */
final class BlobStorage {
  private BlobStorage() {}

  /**
   * The store for content.
   *
   * @throws IllegalArgumentException if a setting can't be; says which
   * @throws IOException if the store is of no use now
   */
  static BlobStore open(ImageServiceConfig config) throws IOException {
    return switch (config.storage()) {
      case DISK -> DiskBlobStore.open(config.dataDirectory());
      case S3 -> S3BlobStore.open(settings(config.s3()), config.dataDirectory());
    };
  }

  static S3Settings settings(ImageServiceConfig.S3 config) {
    return new S3Settings(
        config
            .bucket()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "waybill.image.storage=s3 needs waybill.image.s3.bucket")),
        config.prefix().orElse(""),
        config.endpoint(),
        config.region(),
        config.pathStyle() ? Addressing.PATH : Addressing.HOST,
        config.credentialsFile());
  }
}
