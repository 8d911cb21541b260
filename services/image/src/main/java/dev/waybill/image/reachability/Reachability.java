package dev.waybill.image.reachability;

import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.Repository;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import java.util.Collection;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What of a store is needed. */
public final class Reachability {
  private Reachability() {}

  /** Every blob that a manifest of some repository is or needs. */
  public static SortedSet<Digest> reachable(Catalog catalog) {
    SortedSet<Digest> needed = new TreeSet<>();
    for (Repository repository : catalog.repositories().values()) {
      for (ManifestEntry entry : repository.manifests().values()) {
        needed.add(entry.digest());
        entry.children().stream().map(Descriptor::digest).forEach(needed::add);
      }
    }
    return needed;
  }

  /**
   * What may be deleted.
   *
   * @param stored all blobs there are
   * @param leased blobs of pushes and pulls that are under way
   */
  public static SortedSet<Digest> garbage(
      Catalog catalog, Collection<Digest> stored, Set<Digest> leased) {
    SortedSet<Digest> garbage = new TreeSet<>(stored);
    garbage.removeAll(reachable(catalog));
    garbage.removeAll(leased);
    return garbage;
  }
}
