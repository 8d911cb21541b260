package dev.waybill.image.catalog;

import dev.waybill.kernel.Digest;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * What one repository holds.
 *
 * @param blobs that are seen here, each with its bytes
 * @param manifests by digest
 * @param tags by name
 */
public record Repository(
    PSortedMap<Digest, Long> blobs,
    PSortedMap<Digest, ManifestEntry> manifests,
    PSortedMap<String, Digest> tags) {
  static final Repository EMPTY =
      new Repository(TreePMap.empty(), TreePMap.empty(), TreePMap.empty());

  /** The manifest under a tag or a digest. */
  public Optional<ManifestEntry> manifest(ManifestKey key) {
    return switch (key) {
      case ManifestKey.ByDigest(var digest) -> Optional.ofNullable(manifests.get(digest));
      case ManifestKey.ByTag(var tag) ->
          Optional.ofNullable(tags.get(tag)).map(digest -> manifests.get(digest));
    };
  }

  /** The tags that name this manifest. */
  public List<String> tagsOf(Digest digest) {
    return tags.entrySet().stream()
        .filter(tag -> tag.getValue().equals(digest))
        .map(tag -> tag.getKey())
        .toList();
  }

  /** The manifests that are about this one, by digest. */
  public List<ManifestEntry> referrers(Digest subject) {
    return manifests.values().stream()
        .filter(entry -> entry.about().filter(subject::equals).isPresent())
        .toList();
  }

  /** Whether an index of this repository names this manifest. */
  boolean isChild(Digest digest) {
    return manifests.values().stream()
        .filter(ManifestEntry::isIndex)
        .anyMatch(
            index -> index.children().stream().anyMatch(child -> child.digest().equals(digest)));
  }

  boolean isEmpty() {
    return blobs.isEmpty() && manifests.isEmpty() && tags.isEmpty();
  }

  Repository withBlob(Digest digest, long size) {
    return new Repository(blobs.plus(digest, size), manifests, tags);
  }

  Repository withoutBlobs(Collection<Digest> digests) {
    return new Repository(blobs.minusAll(digests), manifests, tags);
  }

  Repository withManifest(ManifestEntry entry) {
    return new Repository(blobs, manifests.plus(entry.digest(), entry), tags);
  }

  Repository withoutManifest(Digest digest) {
    return new Repository(blobs, manifests.minus(digest), tags);
  }

  Repository withTag(String tag, Digest digest) {
    return new Repository(blobs, manifests, tags.plus(tag, digest));
  }

  Repository withoutTag(String tag) {
    return new Repository(blobs, manifests, tags.minus(tag));
  }
}
