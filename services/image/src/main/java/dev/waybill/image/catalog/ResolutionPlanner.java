package dev.waybill.image.catalog;

import dev.waybill.image.catalog.Resolution.Here;
import dev.waybill.image.catalog.Resolution.Nowhere;
import dev.waybill.image.catalog.Resolution.Upstream;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.Reference;
import dev.waybill.oci.image.Reference.HostOrigin;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Decides where to look for an image.
 *
 * <ol>
 *   <li>A name without a host, or with our own registry's, may mean an image that was pushed here:
 *       {@code web} is looked for as {@code web} and as {@code library/web}.
 *   <li>A name with our own registry's host means nothing else.
 *   <li>Otherwise the mirror of the named registry is looked at, unless the policy is to ask each
 *       time; a digest never changes its meaning, so it is never asked for twice.
 * </ol>
 */
public final class ResolutionPlanner {
  private final Predicate<String> ownHosts;

  /**
   * @param ownHosts whether our own registry is known under this {@code host:port}
   */
  public ResolutionPlanner(Predicate<String> ownHosts) {
    this.ownHosts = ownHosts;
  }

  /** Where the image that {@code reference} means is to be had under this policy. */
  public Resolution plan(Catalog catalog, Reference reference, PullPolicy policy) {
    ManifestKey key = ManifestKey.parse(reference.manifestKey());
    boolean own = ownHosts.test(reference.host());
    if (own || reference.origin() == HostOrigin.DEFAULTED) {
      Optional<Resolution> pushed = lookUp(catalog, pushedNames(reference), key);
      if (pushed.isPresent()) {
        return pushed.get();
      }
    }
    if (own) {
      return new Nowhere("no image " + reference + ", push it first");
    }
    String mirror = MirrorName.of(reference);
    Optional<ManifestEntry> known =
        catalog.manifest(mirror, key).filter(entry -> isUsable(catalog, mirror, entry));
    boolean settled = key instanceof ManifestKey.ByDigest || policy != PullPolicy.ALWAYS;
    if (known.isPresent() && settled) {
      return new Here(mirror, known.get());
    }
    return policy == PullPolicy.NEVER
        ? new Nowhere(
            "image " + reference + " is not here and the policy is never to pull it; pull it first")
        : new Upstream(mirror, known);
  }

  /**
   * Where an image is that is here by this name, pushed or mirrored, whatever platforms it is for.
   */
  public Optional<Here> find(Catalog catalog, Reference reference) {
    return plan(catalog, reference, PullPolicy.NEVER) instanceof Here here
        ? Optional.of(here)
        : Optional.empty();
  }

  private static List<String> pushedNames(Reference reference) {
    return Stream.of(reference.familiarRepository(), reference.repository()).distinct().toList();
  }

  private static Optional<Resolution> lookUp(Catalog catalog, List<String> names, ManifestKey key) {
    return names.stream()
        .flatMap(
            name -> catalog.manifest(name, key).<Resolution>map(e -> new Here(name, e)).stream())
        .findFirst();
  }

  /** A mirrored index is of use only if some manifest that it names was fetched with it. */
  private static boolean isUsable(Catalog catalog, String mirror, ManifestEntry entry) {
    return !entry.isIndex()
        || entry.children().stream()
            .map(Descriptor::digest)
            .anyMatch(
                child -> catalog.manifest(mirror, new ManifestKey.ByDigest(child)).isPresent());
  }
}
