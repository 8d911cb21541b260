package dev.waybill.image.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.image.ImageArriving;
import dev.waybill.contracts.image.ImageDeleted;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.image.ImageRequested;
import dev.waybill.contracts.image.ImageTagged;
import dev.waybill.contracts.image.PullFailure;
import dev.waybill.contracts.image.ReferrerPushed;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.image.catalog.CatalogChange;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.image.ingest.Announcement;
import dev.waybill.image.ingest.PullOutcome;
import dev.waybill.image.ingest.PullOutcome.Failed;
import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.image.ingest.PullTerms;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.PlatformSelection;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.BandwidthCap;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The image service's values as the log's messages. */
final class ImageMessages {
  private ImageMessages() {}

  static PullPolicy policy(dev.waybill.contracts.spec.PullPolicy pull) {
    return switch (pull) {
      case PULL_POLICY_ALWAYS -> PullPolicy.ALWAYS;
      case PULL_POLICY_NEVER -> PullPolicy.NEVER;
      case PULL_POLICY_MISSING, PULL_POLICY_UNSPECIFIED, UNRECOGNIZED -> PullPolicy.MISSING;
    };
  }

  /** What the policy that let an image pass says of its pull. */
  static PullTerms terms(ImageAdmitted admitted) {
    return new PullTerms(
        admitted.getForMirror() ? PullTerms.Purpose.MIRROR : PullTerms.Purpose.RUN,
        PlatformSelection.parse(admitted.getPlatformsList()),
        admitted.getBytesPerSecond() > 0
            ? Optional.of(new BandwidthCap(admitted.getPolicy(), admitted.getBytesPerSecond()))
            : Optional.empty());
  }

  static Message requested(String requestId, Reference reference) {
    return ImageRequested.newBuilder()
        .setRequestId(requestId)
        .setReference(reference.toString())
        .build();
  }

  static Message arriving(
      String requestId, Reference reference, Announcement image, Platform platform) {
    return ImageArriving.newBuilder()
        .setRequestId(requestId)
        .setReference(reference.toString())
        .setDigest(image.manifest().toString())
        .setRepository(image.repository())
        .setPlatform(platform.toString())
        .setSizeBytes(image.bytes())
        .setLayers(image.layers())
        .build();
  }

  static Message answer(String requestId, Reference reference, PullOutcome outcome, Duration took) {
    return switch (outcome) {
      case Pulled pulled ->
          ImagePulled.newBuilder()
              .setRequestId(requestId)
              .setReference(reference.toString())
              .setDigest(pulled.manifest().toString())
              .setIndexDigest(pulled.digest().toString())
              .setPlatform(pulled.platform().toString())
              .addAllPlatforms(pulled.platforms())
              .setSizeBytes(pulled.bytes())
              .setFetchedBytes(pulled.bytesFetched())
              .setReusedBytes(pulled.bytesReused())
              .setLayers(pulled.layers())
              .setDurationMs(took.toMillis())
              .setRepository(pulled.repository())
              .build();
      case Failed(var reason, var message) ->
          failed(requestId, reference.toString(), failure(reason), message);
    };
  }

  static Message failed(String requestId, String reference, PullFailure failure, String message) {
    return ImagePullFailed.newBuilder()
        .setRequestId(requestId)
        .setReference(reference)
        .setFailure(failure)
        .setMessage(message)
        .build();
  }

  private static PullFailure failure(Reason reason) {
    return switch (reason) {
      case NOT_FOUND -> PullFailure.PULL_FAILURE_NOT_FOUND;
      case UNAUTHORIZED -> PullFailure.PULL_FAILURE_UNAUTHORIZED;
      case UNREACHABLE, BUSY, REDIRECT_REFUSED -> PullFailure.PULL_FAILURE_UNREACHABLE;
      case DIGEST_MISMATCH -> PullFailure.PULL_FAILURE_CORRUPT;
      case MALFORMED -> PullFailure.PULL_FAILURE_INVALID;
      case NO_PLATFORM -> PullFailure.PULL_FAILURE_PLATFORM;
      case STORE_FULL -> PullFailure.PULL_FAILURE_DISK_FULL;
    };
  }

  /** What others want to know of changes: names, not blobs. */
  static List<Message> changes(List<CatalogChange> changes) {
    return changes.stream().map(ImageMessages::change).flatMap(Optional::stream).toList();
  }

  private static Optional<Message> change(CatalogChange change) {
    return switch (change) {
      case CatalogChange.Tagged(var repository, var tag, var digest, var previous) ->
          Optional.of(
              ImageTagged.newBuilder()
                  .setRepository(repository)
                  .setTag(tag)
                  .setDigest(digest.toString())
                  .setPreviousDigest(previous.map(Digest::toString).orElse(""))
                  .build());
      case CatalogChange.Untagged(var repository, var tag, var previous) ->
          Optional.of(deleted(repository + ":" + tag, previous.toString(), 0));
      case CatalogChange.ManifestPut(var repository, var entry) ->
          entry.about().map(subject -> referrer(repository, subject, entry));
      case CatalogChange.ManifestRemoved _,
          CatalogChange.BlobLinked _,
          CatalogChange.BlobUnlinked _ ->
          Optional.empty();
    };
  }

  private static Message referrer(String repository, Digest subject, ManifestEntry entry) {
    return ReferrerPushed.newBuilder()
        .setRepository(repository)
        .setSubjectDigest(subject.toString())
        .setDigest(entry.digest().toString())
        .setArtifactType(Optional.ofNullable(entry.artifactType()).orElse(""))
        .build();
  }

  static Message deleted(String reference, String digest, long freedBytes) {
    return ImageDeleted.newBuilder()
        .setReference(reference)
        .setDigest(digest)
        .setFreedBytes(freedBytes)
        .build();
  }
}
