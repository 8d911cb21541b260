package dev.waybill.image.catalog;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Reference;

/** What a manifest is asked for by. */
public sealed interface ManifestKey {
  /** By the hash of its bytes. */
  record ByDigest(Digest digest) implements ManifestKey {}

  /** By a name that can move. */
  record ByTag(String tag) implements ManifestKey {
    public ByTag {
      if (!Reference.isTag(tag)) {
        throw new IllegalArgumentException("invalid tag '" + tag + "'");
      }
    }
  }

  /** Reads a tag or a digest: only a digest has a colon. */
  static ManifestKey parse(String text) {
    return text.indexOf(':') >= 0 ? new ByDigest(Digest.parse(text)) : new ByTag(text);
  }
}
