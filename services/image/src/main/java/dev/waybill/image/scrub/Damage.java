package dev.waybill.image.scrub;

import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.MirrorName;
import dev.waybill.image.catalog.Repository;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who misses content that was found damaged, and where it is to be had.
 *
 * @param digest of what it was
 * @param repositories of ours that name it
 * @param sources other registries that had it; none where it was pushed here
 */
public record Damage(Digest digest, List<String> repositories, List<Source> sources) {
  public Damage {
    repositories = List.copyOf(repositories);
    sources = List.copyOf(sources);
  }

  /**
   * A place to fetch it from.
   *
   * @param manifest that is or names the content, by digest
   * @param content what to fetch
   */
  public record Source(Reference manifest, Descriptor content) {
    /** Whether the content is the manifest itself. */
    public boolean isDocument() {
      return content.digest().equals(manifest.digest());
    }
  }

  /** What the loss of this content means. */
  public static Damage of(Catalog catalog, Digest digest) {
    List<Source> sources = new ArrayList<>();
    catalog
        .repositories()
        .forEach(
            (path, held) ->
                MirrorName.upstream(path)
                    .flatMap(upstream -> source(held, upstream, digest))
                    .ifPresent(sources::add));
    return new Damage(digest, catalog.repositoriesWith(digest), sources);
  }

  private static Optional<Source> source(Repository held, Reference upstream, Digest digest) {
    return held.manifests().values().stream()
        .flatMap(
            entry ->
                content(entry, digest)
                    .map(content -> new Source(pinned(upstream, entry.digest()), content)))
        .findFirst();
  }

  private static Stream<Descriptor> content(ManifestEntry entry, Digest digest) {
    if (entry.digest().equals(digest)) {
      return Stream.of(entry.asReferrer());
    }
    return entry.isIndex()
        ? Stream.empty() // What an index names is a document too, and found under its own entry.
        : entry.children().stream().filter(child -> child.digest().equals(digest));
  }

  private static Reference pinned(Reference upstream, Digest manifest) {
    return new Reference(upstream.host(), upstream.origin(), upstream.repository(), null, manifest);
  }
}
