package dev.waybill.registrysync.gate;

import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.gate.GateScope;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.image.ImageTagged;
import dev.waybill.contracts.image.ReferrerPushed;
import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.GatePolicyRemoved;
import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.ImageHeld;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.registry.ImageReleased;
import dev.waybill.contracts.registry.ImageVerified;
import dev.waybill.contracts.registry.LookDue;
import dev.waybill.contracts.registry.RecallLifted;
import dev.waybill.contracts.registry.TagDiscovered;
import dev.waybill.contracts.workload.ScanPosted;
import dev.waybill.contracts.workload.VerifyRequested;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.decider.Fact;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Folds facts into what the gate knows, and notes which evidence that makes it want. */
public final class GateEvolution {
  private static final String COSIGN_TAG =
      "sha256-[0-9a-f]{64}\\.(sig|att|sbom)|sha256-[0-9a-f]{64}";

  private GateEvolution() {}

  /** The state with a fact in it. */
  public static GateState evolve(GateState state, Fact fact) {
    return switch (fact.payload()) {
      case GatePolicySet e ->
          lookAtLive(
              state
                  .withPolicies(state.policies().plus(e.getName(), e))
                  .withVersion(e.getName(), e.getVersion()),
              fact);
      case GatePolicyRemoved e ->
          lookAtLive(state.withPolicies(state.policies().minus(e.getName())), fact);
      case ImageAdmitted e ->
          state.withAsked(
              state
                  .asked()
                  .plus(
                      e.getRequestId(),
                      new Asked(
                          e.getNamespace(),
                          admittedBy(e),
                          state.users().containsValue(e.getRequestId()),
                          "")));
      case ImagePulled e -> pulled(state, e, fact);
      case ImagePullFailed e ->
          forgetting(
              state.withQuestions(state.questions().minus(e.getRequestId())), e.getRequestId());
      case ContainerRequested e -> requested(state, e, fact);
      case ContainerRemoved e -> removed(state, e);
      case TagDiscovered e -> state.seen(e.getDigest(), fact.time().toEpochMilli());
      case VerifyRequested e -> state.withQuestions(state.questions().plus(e.getRequestId(), e));
      default -> ofEvidence(state, fact);
    };
  }

  private static String admittedBy(ImageAdmitted e) {
    return e.getPolicy().isEmpty() ? "" : e.getPolicy() + "@" + e.getPolicyVersion();
  }

  private static GateState ofEvidence(GateState state, Fact fact) {
    return switch (fact.payload()) {
      case EvidenceFound e -> state.with(e);
      case ScanPosted e -> state.with(e);
      case LookDue e -> lookAt(state, fact, s -> s.digest().equals(e.getDigest()));
      case ReferrerPushed e -> lookAt(state, fact, s -> s.isMeantBy(e.getSubjectDigest()));
      case ImageTagged e when e.getTag().matches(COSIGN_TAG) ->
          lookAt(state, fact, s -> s.isMeantBy(subjectOfTag(e.getTag())));
      case ImageReleased e ->
          state.with(
              GateScope.subject(e.getNamespace(), e.getName(), e.getDigest()),
              new Standing(true, "", e.getJudgeAgainMs()));
      case ImageHeld e ->
          state.with(
              GateScope.subject(e.getNamespace(), e.getName(), e.getDigest()),
              new Standing(false, e.getReason(), e.getJudgeAgainMs()));
      case ImageVerified e ->
          forgetting(
              state.withQuestions(state.questions().minus(e.getRequestId())), e.getRequestId());
      case ImageRecalled e -> state.withRecalls(state.recalls().plus(e.getDigest(), e));
      case RecallLifted e -> state.withRecalls(state.recalls().minus(e.getDigest()));
      default -> state;
    };
  }

  /** The tag {@code sha256-HEX.sig} is about the digest {@code sha256:HEX}. */
  private static String subjectOfTag(String tag) {
    int dot = tag.indexOf('.');
    return "sha256:" + tag.substring("sha256-".length(), dot < 0 ? tag.length() : dot);
  }

  private static GateState pulled(GateState state, ImagePulled e, Fact fact) {
    long nowMs = fact.time().toEpochMilli();
    Asked request = state.asked().get(e.getRequestId());
    if (request == null) {
      return state;
    }
    var subject =
        new Subject(
            request.namespace(),
            GateScope.repositoryOf(e.getReference()),
            e.getDigest(),
            e.getIndexDigest().isEmpty() ? e.getDigest() : e.getIndexDigest(),
            e.getRepository(),
            e.getReference());
    GateState changed =
        state
            .with(subject)
            .seen(subject.digest(), nowMs)
            .seen(subject.indexDigest(), nowMs)
            .withAsked(state.asked().plus(e.getRequestId(), request.became(subject)));
    boolean question = changed.questions().containsKey(e.getRequestId());
    return question
        ? lookIfWanted(changed, subject, true, fact)
        : forgetting(lookIfWanted(changed, subject, false, fact), e.getRequestId());
  }

  /** A request that no container waits for is of no interest once it is answered. */
  private static GateState forgetting(GateState state, String requestId) {
    Asked request = state.asked().get(requestId);
    return request == null || request.lasting()
        ? state
        : state.withAsked(state.asked().minus(requestId));
  }

  private static GateState requested(GateState state, ContainerRequested e, Fact fact) {
    GateState changed =
        state.withUsers(state.users().plus(e.getContainerId(), e.getImageRequestId()));
    return changed
        .subjectOf(e.getImageRequestId())
        .map(subject -> lookIfWanted(changed, subject, false, fact))
        .orElse(changed);
  }

  /** A workload's next replica asks for the digest of the others, so its request stays. */
  private static GateState removed(GateState state, ContainerRemoved e) {
    String own = EventIds.derivedHex("image", e.getContainerId());
    return state
        .withUsers(state.users().minus(e.getContainerId()))
        .withAsked(state.asked().minus(own));
  }

  /** A question always looks; a container does unless there is an answer that lets it start. */
  private static GateState lookIfWanted(
      GateState state, Subject subject, boolean question, Fact fact) {
    Optional<Standing> standing = Optional.ofNullable(state.verdicts().get(subject.key()));
    boolean known =
        !question
            && state.currentEvidence(subject).isPresent()
            && standing.map(Standing::released).orElse(true);
    return known || !state.needsEvidence(subject)
        ? state
        : state.with(new Look(fact.eventId(), subject));
  }

  private static GateState lookAtLive(GateState state, Fact fact) {
    GateState changed = state;
    for (Subject subject : state.live()) {
      changed = lookIfWanted(changed, subject, false, fact);
    }
    return changed;
  }

  private static GateState lookAt(GateState state, Fact fact, Predicate<Subject> about) {
    List<Subject> subjects = state.live().stream().filter(about).toList();
    GateState changed = state;
    for (Subject subject : subjects) {
      if (state.needsEvidence(subject)) {
        changed = changed.with(new Look(fact.eventId(), subject));
      }
    }
    return changed;
  }
}
