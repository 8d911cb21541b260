package dev.waybill.image.reachability;

import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.CatalogChange;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.Repository;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Decides which images go when somebody asks that what nothing needs be removed.
 *
 * <p>Kept is what a tag names, what is needed, and what is young; with it the manifests of a kept
 * index, the indexes of a needed manifest, and what is about a kept manifest, such as its
 * signature. Tags of intermediate images of builds count only while the image is young.
 */
public final class PrunePlanner {
  /** Where builds keep their intermediate images. */
  public static final String BUILDS = "waybill/build";

  private PrunePlanner() {}

  /**
   * What must stay, and from when on it is young.
   *
   * @param needed manifests that run, are scheduled, or that a rollback could ask for
   * @param leased blobs of pushes and pulls that are under way
   * @param untaggedSince manifests without a tag that came later are young
   * @param buildsSince intermediate images that came later are young; absent where all stay
   */
  public record Roots(
      Set<Digest> needed,
      Set<Digest> leased,
      Instant untaggedSince,
      Optional<Instant> buildsSince) {
    public Roots {
      needed = Set.copyOf(needed);
      leased = Set.copyOf(leased);
    }
  }

  /** Knows when a repository got a manifest. */
  public interface Ages {
    Instant since(String repository, Digest manifest);
  }

  /**
   * A manifest that goes.
   *
   * @param tags that go with it
   */
  public record Removal(String repository, Digest digest, List<String> tags) {}

  /**
   * What goes.
   *
   * @param removals by repository and digest
   * @param changes of the catalog that this takes
   * @param garbage blobs that nothing needs after it
   */
  public record Plan(
      List<Removal> removals, List<CatalogChange> changes, SortedSet<Digest> garbage) {}

  /**
   * The plan for a catalog.
   *
   * @param stored all blobs there are
   */
  public static Plan plan(Catalog catalog, Collection<Digest> stored, Roots roots, Ages ages) {
    List<Removal> removals = new ArrayList<>();
    List<CatalogChange> changes = new ArrayList<>();
    catalog
        .repositories()
        .forEach(
            (path, held) -> {
              Set<Digest> kept = kept(path, held, roots, ages);
              held.manifests().keySet().stream()
                  .filter(digest -> !kept.contains(digest))
                  .forEach(
                      digest -> {
                        removals.add(new Removal(path, digest, held.tagsOf(digest)));
                        changes.addAll(CatalogDecider.removal(held, path, digest));
                      });
            });
    SortedSet<Digest> garbage =
        Reachability.garbage(catalog.evolve(changes), stored, roots.leased());
    return new Plan(List.copyOf(removals), List.copyOf(changes), garbage);
  }

  private static Set<Digest> kept(String path, Repository held, Roots roots, Ages ages) {
    Predicate<Digest> isRoot =
        digest ->
            roots.needed().contains(digest)
                || roots.leased().contains(digest)
                || (path.equals(BUILDS)
                    ? roots.buildsSince().filter(ages.since(path, digest)::isBefore).isEmpty()
                    : !held.tagsOf(digest).isEmpty()
                        || !ages.since(path, digest).isBefore(roots.untaggedSince()));
    Deque<ManifestEntry> toFollow = new ArrayDeque<>();
    for (ManifestEntry entry : held.manifests().values()) {
      boolean holdsNeeded =
          entry.isIndex() && children(entry).stream().anyMatch(roots.needed()::contains);
      if (holdsNeeded || isRoot.test(entry.digest())) {
        toFollow.add(entry);
      }
    }
    return closure(held, toFollow);
  }

  /** With what is named by what is kept, and what is about it. */
  private static Set<Digest> closure(Repository held, Deque<ManifestEntry> toFollow) {
    Set<Digest> kept = new TreeSet<>();
    while (!toFollow.isEmpty()) {
      ManifestEntry entry = toFollow.remove();
      if (kept.add(entry.digest())) {
        held.referrers(entry.digest()).forEach(toFollow::add);
        if (entry.isIndex()) {
          children(entry).stream()
              .map(child -> Optional.ofNullable(held.manifests().get(child)))
              .flatMap(Optional::stream)
              .forEach(toFollow::add);
        }
      }
    }
    return kept;
  }

  private static List<Digest> children(ManifestEntry entry) {
    return entry.children().stream().map(Descriptor::digest).toList();
  }
}
