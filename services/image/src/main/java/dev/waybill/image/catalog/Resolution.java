package dev.waybill.image.catalog;

import java.util.Optional;

/** Where the image that a reference means is to be had. */
public sealed interface Resolution {

  /**
   * It is here.
   *
   * @param repository of our own registry
   * @param entry the manifest or index it means
   */
  record Here(String repository, ManifestEntry entry) implements Resolution {}

  /**
   * It has to be asked for.
   *
   * @param mirror the repository of our own registry it will be kept in
   * @param known what the tag meant when it was last asked for, if it ever was
   */
  record Upstream(String mirror, Optional<ManifestEntry> known) implements Resolution {}

  /**
   * It isn't to be had.
   *
   * @param why with what to do
   */
  record Nowhere(String why) implements Resolution {}
}
