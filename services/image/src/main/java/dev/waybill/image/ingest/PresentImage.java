package dev.waybill.image.ingest;

import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Platform;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the manifest for a platform among what is stored. */
final class PresentImage {
  private final BlobStore store;
  private final ImageLimits limits;

  PresentImage(BlobStore store, ImageLimits limits) {
    this.store = store;
    this.limits = limits;
  }

  /** What is here for a platform. */
  sealed interface Presence {
    /** This manifest. */
    record Here(ManifestEntry manifest) implements Presence {}

    /** The index names one, but it was never fetched. */
    record NotFetched(Descriptor manifest) implements Presence {}

    /** The index names none. */
    record NoPlatform(ImageIndex index) implements Presence {}
  }

  /** What a document needs and is not stored any more: itself, or a blob that it names. */
  Optional<Digest> lost(ManifestEntry entry) {
    Stream<Digest> needed =
        entry.isIndex()
            ? Stream.of(entry.digest())
            : Stream.concat(
                Stream.of(entry.digest()), entry.heldChildren().stream().map(Descriptor::digest));
    return needed.filter(digest -> store.find(digest).isEmpty()).findFirst();
  }

  Presence find(Catalog catalog, String repository, ManifestEntry root, Platform platform)
      throws IOException {
    ManifestEntry entry = root;
    while (entry.isIndex()) { // Ends: an index can't contain itself, its digest would change.
      ImageIndex index = index(entry);
      Optional<Descriptor> picked = index.pick(platform);
      if (picked.isEmpty()) {
        return new Presence.NoPlatform(index);
      }
      Optional<ManifestEntry> next =
          catalog.manifest(repository, new ManifestKey.ByDigest(picked.get().digest()));
      if (next.isEmpty()) {
        return new Presence.NotFetched(picked.get());
      }
      entry = next.get();
    }
    return new Presence.Here(entry);
  }

  private ImageIndex index(ManifestEntry entry) throws IOException {
    StoredBlob blob =
        store
            .find(entry.digest())
            .orElseThrow(() -> new IOException("index " + entry.digest() + " is not stored"));
    return (ImageIndex) ImageDocuments.read(store.read(blob), entry.mediaType(), limits);
  }
}
