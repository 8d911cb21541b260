package dev.waybill.image.ingest;

import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.MirrorName;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.image.catalog.Resolution;
import dev.waybill.image.catalog.ResolutionPlanner;
import dev.waybill.image.ingest.ImageLookup.Look;
import dev.waybill.image.ingest.PresentImage.Presence;
import dev.waybill.image.ingest.PullOutcome.Failed;
import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Whether an image is here, or has to be fetched, or can't be had. */
final class ImageLookup {
  private final LiveCatalog catalog;
  private final ResolutionPlanner planner;
  private final PresentImage present;

  ImageLookup(LiveCatalog catalog, ResolutionPlanner planner, PresentImage present) {
    this.catalog = catalog;
    this.planner = planner;
    this.present = present;
  }

  /** What looking at the catalog comes to. */
  sealed interface Look {
    record Settled(PullOutcome outcome) implements Look {}

    record ToFetch(String mirror, String key) implements Look {}
  }

  Look look(PullRequest request) throws IOException, PullFailedException {
    Catalog now = catalog.current();
    return switch (planner.plan(now, request.reference(), request.policy())) {
      case Resolution.Nowhere(var why) -> new Look.Settled(new Failed(Reason.NOT_FOUND, why));
      case Resolution.Here(var repository, var entry) ->
          request.terms().purpose() == PullTerms.Purpose.MIRROR
                  && repository.equals(MirrorName.of(request.reference()))
              ? new Look.ToFetch(repository, request.reference().manifestKey())
              : found(now, request, repository, entry);
      case Resolution.Upstream(var mirror, _) ->
          new Look.ToFetch(mirror, request.reference().manifestKey());
    };
  }

  private Look found(Catalog now, PullRequest request, String repository, ManifestEntry entry)
      throws IOException, PullFailedException {
    Optional<Digest> lost = present.lost(entry);
    if (lost.isPresent()) {
      return again(request, repository, entry, lost.get());
    }
    return switch (present.find(now, repository, entry, request.platform())) {
      case Presence.Here(var manifest) -> {
        Optional<Digest> missing = present.lost(manifest);
        yield missing.isPresent()
            ? again(request, repository, entry, missing.get())
            : new Look.Settled(
                pulled(
                    request.reference(),
                    repository,
                    entry.digest(),
                    List.of(manifest),
                    request.platform(),
                    List.of(),
                    Transferred.NOTHING));
      }
      case Presence.NoPlatform(var index) ->
          throw DocumentFetch.noPlatform(request.platform(), index);
      case Presence.NotFetched(var missing) -> {
        boolean mirrored = repository.equals(MirrorName.of(request.reference()));
        if (!mirrored || request.policy() == PullPolicy.NEVER) {
          throw new PullFailedException(
              Reason.NOT_FOUND,
              "manifest " + missing.digest() + " for " + request.platform() + " is not here");
        }
        // The tag keeps the meaning it had: the platform is added to it, not a newer image.
        yield new Look.ToFetch(repository, entry.digest().toString());
      }
    };
  }

  /** What was set aside because it was damaged is fetched again, if it came from elsewhere. */
  private static Look again(
      PullRequest request, String repository, ManifestEntry entry, Digest lost)
      throws PullFailedException {
    if (!repository.equals(MirrorName.of(request.reference()))
        || request.policy() == PullPolicy.NEVER) {
      throw new PullFailedException(
          Reason.NOT_FOUND,
          lost + " of " + request.reference() + " was lost, push or pull the image again");
    }
    return new Look.ToFetch(repository, entry.digest().toString());
  }

  static Pulled pulled(
      Reference reference,
      String repository,
      Digest digest,
      List<ManifestEntry> manifests,
      Platform platform,
      List<String> platforms,
      Transferred moved) {
    ManifestEntry manifest = manifests.getFirst();
    List<Descriptor> children = manifest.children();
    return new Pulled(
        reference,
        repository,
        digest,
        manifest.digest(),
        platform,
        children.getFirst().digest(),
        children.size() - 1,
        manifests.stream()
            .flatMap(each -> each.children().stream())
            .mapToLong(Descriptor::size)
            .sum(),
        platforms,
        moved.fetched(),
        moved.reused());
  }
}
