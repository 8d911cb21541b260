package dev.waybill.image.catalog;

import dev.waybill.image.catalog.CatalogChange.BlobLinked;
import dev.waybill.image.catalog.CatalogChange.BlobUnlinked;
import dev.waybill.image.catalog.CatalogChange.ManifestPut;
import dev.waybill.image.catalog.CatalogChange.ManifestRemoved;
import dev.waybill.image.catalog.CatalogChange.Tagged;
import dev.waybill.image.catalog.CatalogChange.Untagged;
import dev.waybill.image.catalog.CatalogDecision.Accepted;
import dev.waybill.image.catalog.CatalogDecision.Refused;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorCode;
import dev.waybill.oci.image.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Decides about changes of repositories. */
public final class CatalogDecider {
  private CatalogDecider() {}

  /** A blob was stored for this repository. */
  public static CatalogDecision linkBlob(
      Catalog catalog, String repository, Digest digest, long size) {
    return catalog.blobSize(repository, digest).isPresent()
        ? CatalogDecision.accept()
        : CatalogDecision.accept(new BlobLinked(repository, digest, size));
  }

  /** A blob of one repository is to be seen in another. */
  public static CatalogDecision mountBlob(Catalog catalog, String from, String to, Digest digest) {
    Optional<Long> size = catalog.blobSize(from, digest);
    return size.isPresent()
        ? linkBlob(catalog, to, digest, size.get())
        : new Refused(ErrorCode.BLOB_UNKNOWN, "no blob " + digest + " in " + from);
  }

  /** A client puts a manifest: everything it names must be here already. */
  public static CatalogDecision putManifest(
      Catalog catalog, String repository, ManifestKey key, ManifestEntry entry) {
    if (key instanceof ManifestKey.ByDigest(var expected) && !expected.equals(entry.digest())) {
      return new Refused(
          ErrorCode.DIGEST_INVALID,
          "the manifest's digest is " + entry.digest() + ", not " + expected);
    }
    Repository before = catalog.repository(repository).orElse(Repository.EMPTY);
    Optional<Descriptor> missing = firstMissing(before, entry);
    if (missing.isPresent()) {
      return new Refused(
          ErrorCode.MANIFEST_BLOB_UNKNOWN,
          "push " + missing.get().digest() + " to " + repository + " before what names it");
    }
    List<CatalogChange> changes = new ArrayList<>();
    if (!before.manifests().containsKey(entry.digest())) {
      changes.add(new ManifestPut(repository, entry));
    }
    if (key instanceof ManifestKey.ByTag(var tag)) {
      tagging(before, repository, tag, entry.digest()).ifPresent(changes::add);
    }
    return new Accepted(changes);
  }

  private static Optional<Descriptor> firstMissing(Repository repository, ManifestEntry entry) {
    return entry.heldChildren().stream()
        .filter(
            child ->
                entry.isIndex()
                    ? !repository.manifests().containsKey(child.digest())
                    : !repository.blobs().containsKey(child.digest()))
        .findFirst();
  }

  /** An image was fetched whole from elsewhere; an index may name more than was fetched. */
  public static CatalogDecision mirror(
      Catalog catalog, String repository, Optional<String> tag, List<ManifestEntry> documents) {
    Repository before = catalog.repository(repository).orElse(Repository.EMPTY);
    Stream<CatalogChange> blobs =
        documents.stream()
            .filter(document -> !document.isIndex())
            .flatMap(document -> document.children().stream())
            .filter(blob -> !before.blobs().containsKey(blob.digest()))
            .map(blob -> new BlobLinked(repository, blob.digest(), blob.size()))
            .distinct()
            .map(CatalogChange.class::cast);
    Stream<CatalogChange> manifests =
        documents.stream()
            .filter(document -> !before.manifests().containsKey(document.digest()))
            .map(document -> new ManifestPut(repository, document));
    Digest root = documents.getLast().digest();
    Stream<CatalogChange> tags =
        tag.flatMap(name -> tagging(before, repository, name, root)).stream();
    return new Accepted(Stream.of(blobs, manifests, tags).flatMap(each -> each).toList());
  }

  /** The same for several, in one change: who sees the last of them sees those before. */
  public static CatalogDecision mirror(Catalog catalog, String repository, List<Mirrored> fetched) {
    Catalog so = catalog;
    List<CatalogChange> changes = new ArrayList<>();
    for (Mirrored one : fetched) {
      if (mirror(so, repository, one.tag(), one.documents()) instanceof Accepted(var more)) {
        changes.addAll(more);
        so = so.evolve(more);
      }
    }
    return new Accepted(changes);
  }

  /** A tag is to name a manifest that is here. */
  public static CatalogDecision tag(Catalog catalog, String repository, String tag, Digest digest) {
    Repository before = catalog.repository(repository).orElse(Repository.EMPTY);
    if (!before.manifests().containsKey(digest)) {
      return new Refused(ErrorCode.MANIFEST_UNKNOWN, "no manifest " + digest + " in " + repository);
    }
    return new Accepted(tagging(before, repository, tag, digest).stream().toList());
  }

  private static Optional<CatalogChange> tagging(
      Repository before, String repository, String tag, Digest digest) {
    Optional<Digest> previous = Optional.ofNullable(before.tags().get(tag));
    return previous.filter(digest::equals).isPresent()
        ? Optional.empty()
        : Optional.of(new Tagged(repository, tag, digest, previous));
  }

  /** A client deletes a tag, or a manifest with all its tags. */
  public static CatalogDecision deleteManifest(
      Catalog catalog, String repository, ManifestKey key) {
    Optional<Repository> found = catalog.repository(repository);
    Optional<ManifestEntry> entry = found.flatMap(held -> held.manifest(key));
    if (found.isEmpty() || entry.isEmpty()) {
      return new Refused(ErrorCode.MANIFEST_UNKNOWN, "no such manifest in " + repository);
    }
    return switch (key) {
      case ManifestKey.ByTag(var tag) ->
          CatalogDecision.accept(new Untagged(repository, tag, entry.get().digest()));
      case ManifestKey.ByDigest(var digest) ->
          new Accepted(removal(found.get(), repository, digest));
    };
  }

  /** A person removes an image: the tag, and what it named unless another name holds it. */
  public static CatalogDecision removeImage(Catalog catalog, String repository, ManifestKey key) {
    Optional<Repository> found = catalog.repository(repository);
    Optional<ManifestEntry> entry = found.flatMap(held -> held.manifest(key));
    if (found.isEmpty() || entry.isEmpty()) {
      return new Refused(ErrorCode.MANIFEST_UNKNOWN, "no such image in " + repository);
    }
    Digest digest = entry.get().digest();
    if (key instanceof ManifestKey.ByTag(var tag)) {
      List<String> names = found.get().tagsOf(digest);
      if (names.size() > 1 || found.get().isChild(digest)) {
        return CatalogDecision.accept(new Untagged(repository, tag, digest));
      }
    }
    return new Accepted(removalWithChildren(found.get(), repository, entry.get()));
  }

  private static List<CatalogChange> removalWithChildren(
      Repository held, String repository, ManifestEntry entry) {
    List<CatalogChange> changes = new ArrayList<>(removal(held, repository, entry.digest()));
    if (entry.isIndex()) {
      Repository rest = held.withoutManifest(entry.digest());
      entry.children().stream()
          .map(Descriptor::digest)
          .distinct()
          .filter(child -> rest.manifests().containsKey(child))
          .filter(child -> rest.tagsOf(child).isEmpty() && !rest.isChild(child))
          .forEach(child -> changes.add(new ManifestRemoved(repository, child)));
    }
    return changes;
  }

  /** A manifest with all its tags goes. */
  public static List<CatalogChange> removal(Repository held, String repository, Digest digest) {
    List<CatalogChange> changes = new ArrayList<>();
    held.tagsOf(digest).forEach(tag -> changes.add(new Untagged(repository, tag, digest)));
    changes.add(new ManifestRemoved(repository, digest));
    return changes;
  }

  /** A blob is no longer to be seen in a repository. */
  public static CatalogDecision unlinkBlob(Catalog catalog, String repository, Digest digest) {
    return catalog.blobSize(repository, digest).isPresent()
        ? CatalogDecision.accept(new BlobUnlinked(repository, digest))
        : new Refused(ErrorCode.BLOB_UNKNOWN, "no blob " + digest + " in " + repository);
  }

  /** The bytes of these blobs are gone: no repository may claim to have them. */
  public static CatalogDecision forget(Catalog catalog, Stream<Digest> gone) {
    List<Digest> digests = gone.toList();
    List<CatalogChange> changes = new ArrayList<>();
    catalog
        .repositories()
        .forEach(
            (path, held) ->
                digests.stream()
                    .filter(held.blobs()::containsKey)
                    .forEach(digest -> changes.add(new BlobUnlinked(path, digest))));
    return new Accepted(changes);
  }
}
