package dev.waybill.image.catalog;

import dev.waybill.kernel.Digest;
import java.util.Optional;

/** Something that is different in a repository from now on. */
public sealed interface CatalogChange {
  /** The repository. */
  String repository();

  /**
   * A blob is seen here.
   *
   * @param size in bytes
   */
  record BlobLinked(String repository, Digest digest, long size) implements CatalogChange {}

  /** A blob is no longer seen here. */
  record BlobUnlinked(String repository, Digest digest) implements CatalogChange {}

  /** A manifest is here. */
  record ManifestPut(String repository, ManifestEntry entry) implements CatalogChange {}

  /** A manifest is no longer here. */
  record ManifestRemoved(String repository, Digest digest) implements CatalogChange {}

  /**
   * A tag names this manifest.
   *
   * @param previous what it named before
   */
  record Tagged(String repository, String tag, Digest digest, Optional<Digest> previous)
      implements CatalogChange {}

  /**
   * A tag is gone.
   *
   * @param previous what it named
   */
  record Untagged(String repository, String tag, Digest previous) implements CatalogChange {}
}
