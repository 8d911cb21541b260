package dev.waybill.image.catalog;

import dev.waybill.image.catalog.CatalogChange.BlobLinked;
import dev.waybill.image.catalog.CatalogChange.BlobUnlinked;
import dev.waybill.image.catalog.CatalogChange.ManifestPut;
import dev.waybill.image.catalog.CatalogChange.ManifestRemoved;
import dev.waybill.image.catalog.CatalogChange.Tagged;
import dev.waybill.image.catalog.CatalogChange.Untagged;
import dev.waybill.kernel.Digest;
import java.util.List;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * All repositories at one moment. Values never change, so a long question (what is reachable?)
 * needs no lock.
 *
 * @param repositories by path; none of them is empty
 */
public record Catalog(PSortedMap<String, Repository> repositories) {
  /** Nothing yet. */
  public static final Catalog EMPTY = new Catalog(TreePMap.empty());

  /** The repository with this path, if it holds anything. */
  public Optional<Repository> repository(String path) {
    return Optional.ofNullable(repositories.get(path));
  }

  /** A manifest, if the repository has it. */
  public Optional<ManifestEntry> manifest(String repository, ManifestKey key) {
    return repository(repository).flatMap(found -> found.manifest(key));
  }

  /** How many bytes a blob has, if it is seen in the repository. */
  public Optional<Long> blobSize(String repository, Digest digest) {
    return repository(repository).map(found -> found.blobs().get(digest));
  }

  /** How many bytes content has, a blob or a manifest, if the repository has it. */
  public Optional<Long> size(String repository, Digest digest) {
    Optional<Long> blob = blobSize(repository, digest);
    return blob.isPresent()
        ? blob
        : manifest(repository, new ManifestKey.ByDigest(digest)).map(ManifestEntry::size);
  }

  /** The repositories that name this, as a blob or as a manifest. */
  public List<String> repositoriesWith(Digest digest) {
    return repositories.entrySet().stream()
        .filter(
            entry ->
                entry.getValue().blobs().containsKey(digest)
                    || entry.getValue().manifests().containsKey(digest))
        .map(entry -> entry.getKey())
        .toList();
  }

  /** The catalog after these changes. */
  public Catalog evolve(List<CatalogChange> changes) {
    Catalog catalog = this;
    for (CatalogChange change : changes) {
      catalog = catalog.evolve(change);
    }
    return catalog;
  }

  private Catalog evolve(CatalogChange change) {
    String path = change.repository();
    Repository before = repositories.getOrDefault(path, Repository.EMPTY);
    Repository after =
        switch (change) {
          case BlobLinked(_, var digest, var size) -> before.withBlob(digest, size);
          case BlobUnlinked(_, var digest) -> before.withoutBlobs(List.of(digest));
          case ManifestPut(_, var entry) -> before.withManifest(entry);
          case ManifestRemoved(_, var digest) -> before.withoutManifest(digest);
          case Tagged(_, var tag, var digest, _) -> before.withTag(tag, digest);
          case Untagged(_, var tag, _) -> before.withoutTag(tag);
        };
    return new Catalog(after.isEmpty() ? repositories.minus(path) : repositories.plus(path, after));
  }
}
