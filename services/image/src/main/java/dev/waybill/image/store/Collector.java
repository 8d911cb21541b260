package dev.waybill.image.store;

import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.CatalogDecision;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.reachability.PrunePlanner;
import dev.waybill.image.reachability.Reachability;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** Deletes what isn't needed any more. */
public final class Collector {
  private final BlobStore store;
  private final LiveCatalog catalog;
  private final Leases leases;

  public Collector(BlobStore store, LiveCatalog catalog, Leases leases) {
    this.store = store;
    this.catalog = catalog;
    this.leases = leases;
  }

  /**
   * What a collection did.
   *
   * @param blobs deleted
   * @param bytes that they took
   */
  public record Collected(int blobs, long bytes) {}

  /**
   * Deletes all garbage. The catalog is held meanwhile, so that no repository can begin to need
   * what is being deleted.
   */
  public Collected collect() throws IOException {
    return catalog.holding(
        held -> {
          Map<Digest, Long> stored = sizes();
          return delete(Reachability.garbage(held, stored.keySet(), leases.current()), stored);
        });
  }

  private Map<Digest, Long> sizes() throws IOException {
    return store.all().stream().collect(Collectors.toMap(StoredBlob::digest, StoredBlob::size));
  }

  private Collected delete(SortedSet<Digest> garbage, Map<Digest, Long> stored) throws IOException {
    // Links first: a crash in between leaves a blob too many, never a link to nothing.
    catalog.change(Actor.SELF, current -> CatalogDecider.forget(current, garbage.stream()));
    long bytes = 0;
    for (Digest digest : garbage) {
      if (store.delete(digest)) {
        bytes += stored.getOrDefault(digest, 0L);
      }
    }
    return new Collected(garbage.size(), bytes);
  }

  /** Finds the roots of a prune; asked while the catalog is held. */
  public interface RootsFinder {
    PrunePlanner.Roots roots(Set<Digest> leased);
  }

  /** What a prune did, or would do. */
  public record Pruned(PrunePlanner.Plan plan, Collected collected) {}

  /**
   * Deletes the images that nothing needs. The catalog is held meanwhile, so that nobody can be
   * told that something is here that is being deleted.
   *
   * @param dryRun only finds out what would be deleted
   */
  public Pruned prune(RootsFinder roots, PrunePlanner.Ages ages, boolean dryRun)
      throws IOException {
    return catalog.holding(
        held -> {
          Map<Digest, Long> stored = sizes();
          PrunePlanner.Plan plan =
              PrunePlanner.plan(held, stored.keySet(), roots.roots(leases.current()), ages);
          if (dryRun) {
            return new Pruned(plan, measure(plan.garbage(), stored));
          }
          catalog.change(Actor.SELF, _ -> new CatalogDecision.Accepted(plan.changes()));
          return new Pruned(plan, delete(plan.garbage(), stored));
        });
  }

  private static Collected measure(SortedSet<Digest> garbage, Map<Digest, Long> stored) {
    long bytes = garbage.stream().mapToLong(digest -> stored.getOrDefault(digest, 0L)).sum();
    return new Collected(garbage.size(), bytes);
  }
}
