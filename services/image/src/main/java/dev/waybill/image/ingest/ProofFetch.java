package dev.waybill.image.ingest;

import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.Mirrored;
import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.BlobStore;
import dev.waybill.oci.image.MalformedImageException;
import dev.waybill.registryclient.AttachedDocuments;
import dev.waybill.registryclient.AttachedDocuments.Attached;
import dev.waybill.registryclient.RegistryFailedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Fetches what a registry has about an image: it must be here before a tag names the image. */
final class ProofFetch {
  private final AttachedDocuments registry;
  private final BlobFetcher fetcher;
  private final BlobStore store;
  private final Leases leases;

  ProofFetch(AttachedDocuments registry, BlobFetcher fetcher, BlobStore store, Leases leases) {
    this.registry = registry;
    this.fetcher = fetcher;
    this.store = store;
    this.leases = leases;
  }

  /** Has them stored, with their blobs, in the order in which they are to be linked. */
  List<Mirrored> fetch(BlobDownload download, String upstream, List<ManifestEntry> about)
      throws IOException, PullFailedException, InterruptedException {
    var proofs = new ArrayList<Mirrored>();
    for (ManifestEntry entry : about) {
      for (Attached attached : attached(upstream, entry)) {
        fetcher.fetchAll(download, upstream, attached.manifest().children());
        leases.take(attached.digest());
        store.store(attached.digest(), attached.content());
        proofs.add(
            new Mirrored(
                Optional.ofNullable(attached.tag()),
                List.of(
                    ManifestEntry.of(attached.manifest(), attached.content(), attached.digest()))));
      }
    }
    return proofs;
  }

  private List<Attached> attached(String upstream, ManifestEntry entry)
      throws IOException, PullFailedException, InterruptedException {
    try {
      return registry.about(upstream, entry.digest());
    } catch (RegistryFailedException e) {
      throw PullFailedException.of(e);
    } catch (MalformedImageException e) {
      throw new PullFailedException(
          Reason.MALFORMED,
          "a document about " + entry.digest() + " makes no sense: " + e.getMessage(),
          e);
    }
  }
}
