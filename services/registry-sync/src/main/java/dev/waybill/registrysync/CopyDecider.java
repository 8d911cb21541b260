package dev.waybill.registrysync;

import com.google.protobuf.Message;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.ImageMirrorFailed;
import dev.waybill.contracts.registry.ImageMirrored;
import dev.waybill.contracts.registry.TagDiscovered;
import dev.waybill.contracts.spec.PullPolicy;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.decider.Fact;
import dev.waybill.oci.image.Reference;
import dev.waybill.registrysync.mirror.MirrorTask;
import dev.waybill.registrysync.mirror.Sighting;
import dev.waybill.registrysync.policy.Policy;
import java.util.List;

/** Copies of what upstreams have: which are begun, and what has become of them. */
final class CopyDecider {
  private CopyDecider() {}

  /**
   * Each discovery asks under an id of its own, since a request gets one answer, and a copy that
   * failed is asked for again.
   */
  private static String request(TagDiscovered e, Fact fact) {
    return EventIds.derivedHex("mirror", e.getReference(), e.getDigest(), fact.eventId());
  }

  /** The state after a tag was seen. */
  static RegistryState discovered(RegistryState state, TagDiscovered e, Fact fact) {
    Policy policy = state.policies().get(e.getPolicy());
    List<String> platforms = policy == null ? List.of() : policy.set().getPlatformsList();
    boolean isUnderWay =
        state.copying().values().stream()
            .anyMatch(task -> isCopyOf(task, e.getReference(), e.getDigest()));
    if (isUnderWay
        || !state.mirror().lacks(e.getReference(), e.getDigest(), platforms, e.getProofs())) {
      return state;
    }
    MirrorTask task =
        new MirrorTask(e.getPolicy(), e.getReference(), e.getDigest(), platforms, e.getProofs());
    long ageMs = policy == null ? 0 : policy.set().getFilter().getOlderThanMs();
    boolean isNewHere = !e.getDigest().equals(state.mirrored().get(e.getReference()));
    if (ageMs == 0 || !isNewHere) {
      return state.copying(request(e, fact), task);
    }
    long nowMs = fact.time().toEpochMilli();
    RegistryState seen =
        state.with(
            state
                .mirror()
                .seen(e.getReference(), new Sighting(e.getPolicy(), e.getDigest(), nowMs)));
    return seen.mirror().knownForMs(e.getReference(), e.getDigest(), nowMs) < ageMs
        ? seen
        : seen.copying(request(e, fact), task);
  }

  /** What a policy of the kind that copies on demand let in is a copy under way. */
  static RegistryState admitted(RegistryState state, ImageAdmitted e) {
    Policy policy = state.policies().get(e.getPolicy());
    RegistryState known = underItsName(state, e);
    return policy == null
            || !policy.set().getPullThrough()
            || known.copying().containsKey(e.getRequestId())
        ? known
        : known.copying(
            e.getRequestId(),
            MirrorTask.onDemand(policy.name(), Reference.parse(e.getReference()).toString()));
  }

  /** Older deciders asked under another id: the task goes by the one that is on the log. */
  private static RegistryState underItsName(RegistryState state, ImageAdmitted e) {
    int at = e.getReference().indexOf('@');
    if (at < 0 || state.copying().containsKey(e.getRequestId())) {
      return state;
    }
    String reference = e.getReference().substring(0, at);
    String digest = e.getReference().substring(at + 1);
    String olderId = EventIds.derivedHex("mirror", reference, digest);
    return !e.getRequestId().equals(olderId)
        ? state
        : state.copying().entrySet().stream()
            .filter(task -> isCopyOf(task.getValue(), reference, digest))
            .findFirst()
            .map(task -> state.copied(task.getKey()).copying(olderId, task.getValue()))
            .orElse(state);
  }

  private static boolean isCopyOf(MirrorTask task, String reference, String digest) {
    return task.reference().equals(reference) && task.digest().equals(digest);
  }

  /** The task is done; a failed one may be asked for again. */
  static RegistryState ended(
      RegistryState state, String reference, String digest, String requestId) {
    String id = requestId.isEmpty() ? EventIds.derivedHex("mirror", reference, digest) : requestId;
    MirrorTask task = state.copying().get(id);
    // A container's request has its verdict for as long as there is the container.
    boolean isMirrors = requestId.isEmpty() || task != null && task.isAhead();
    return isMirrors ? state.copied(id).forgetting(id) : state.copied(id);
  }

  /** What was asked for was here, so nothing was mirrored and nothing is to be said. */
  static RegistryState hadAlready(RegistryState state, ImagePulled e) {
    MirrorTask task = state.copying().get(e.getRequestId());
    return task != null
            && !task.isAhead()
            && e.getFetchedBytes() == 0
            && named(e).equals(state.mirrored().get(task.reference()))
        ? state.copied(e.getRequestId())
        : state;
  }

  /** What a tag names is an index, or the manifest itself. */
  private static String named(ImagePulled e) {
    return e.getIndexDigest().isEmpty() ? e.getDigest() : e.getIndexDigest();
  }

  /** What a policy wants is admitted by that policy, pinned to the digest that was seen. */
  static List<Message> copy(RegistryState state, TagDiscovered e, Fact input) {
    String requestId = request(e, input);
    Policy policy = state.policies().get(e.getPolicy());
    if (policy == null
        || !state.copying().containsKey(requestId)
        || state.answered().containsKey(requestId)) {
      return List.of();
    }
    return List.of(
        ImageAdmitted.newBuilder()
            .setRequestId(requestId)
            .setReference(e.getReference() + "@" + e.getDigest())
            .setPull(PullPolicy.PULL_POLICY_ALWAYS)
            .setPolicy(policy.name())
            .setPolicyVersion(policy.set().getVersion())
            .setNamespace(policy.set().getNamespace())
            .setWithProofs(true)
            .setForMirror(true)
            .addAllPlatforms(policy.set().getPlatformsList())
            .setBytesPerSecond(policy.set().getBytesPerSecond())
            .build());
  }

  /** What an image that was pulled means for the mirror. */
  static List<Message> pulled(RegistryState state, ImagePulled e) {
    MirrorTask task = state.copying().get(e.getRequestId());
    return task == null
        ? List.of()
        : List.of(
            ImageMirrored.newBuilder()
                .setPolicy(task.policy())
                .setReference(task.reference())
                .setDigest(task.isAhead() ? task.digest() : named(e))
                .setFetchedBytes(e.getFetchedBytes())
                .setReusedBytes(e.getReusedBytes())
                .addAllPlatforms(task.platforms())
                .setProofs(task.proofs())
                .setRequestId(e.getRequestId())
                .build());
  }

  /** What an image that could not be pulled means for the mirror. */
  static List<Message> pullFailed(RegistryState state, ImagePullFailed e) {
    MirrorTask task = state.copying().get(e.getRequestId());
    return task == null
        ? List.of()
        : List.of(
            ImageMirrorFailed.newBuilder()
                .setPolicy(task.policy())
                .setReference(task.reference())
                .setDigest(task.digest())
                .setMessage(e.getMessage())
                .setRequestId(e.getRequestId())
                .build());
  }
}
