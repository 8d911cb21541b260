package dev.waybill.registrysync.gate;

import com.google.protobuf.Message;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.GatePolicyRemoved;
import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.ImageHeld;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.registry.ImageReleased;
import dev.waybill.contracts.registry.ImageVerified;
import dev.waybill.contracts.registry.RecallLifted;
import dev.waybill.contracts.registry.RuleVerdict;
import dev.waybill.contracts.registry.VerdictLapsed;
import dev.waybill.contracts.workload.GatePolicyDeclared;
import dev.waybill.contracts.workload.GatePolicyWithdrawn;
import dev.waybill.contracts.workload.RecallLiftRequested;
import dev.waybill.contracts.workload.RecallRequested;
import dev.waybill.contracts.workload.ScanPosted;
import dev.waybill.contracts.workload.VerifyRequested;
import dev.waybill.eventlog.decider.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Decides what follows for digests.
 *
 * <p>A verdict is given when a container asks for one and nothing has to be looked for, when
 * evidence or a scan comes, when a policy or a recall changes, and when time has run out for the
 * one that stands. One that says what already stands is not given again.
 */
public final class GateDecider {
  private final Fact input;
  private final List<Message> decided = new ArrayList<>();
  private GateState state;

  private GateDecider(GateState state, Fact input) {
    this.state = state;
    this.input = input;
  }

  /** What follows from {@code input} on a state that has it folded in. */
  public static List<Message> decide(GateState state, Fact input) {
    var turn = new GateDecider(state, input);
    turn.answer();
    return List.copyOf(turn.decided);
  }

  private void answer() {
    switch (input.payload()) {
      case GatePolicyDeclared e -> declare(e);
      case GatePolicyWithdrawn e -> withdraw(e);
      case ImagePulled e -> {
        state.subjectOf(e.getRequestId()).ifPresent(this::judgeIfKnown);
        answerQuestions(s -> s.digest().equals(e.getDigest()));
      }
      case ContainerRequested e ->
          state.subjectOf(e.getImageRequestId()).ifPresent(this::judgeIfKnown);
      case EvidenceFound e -> {
        String place = Subject.place(e.getRepository(), e.getDigest());
        judgeAll(s -> s.place().equals(place));
        answerQuestions(s -> s.place().equals(place));
      }
      case ScanPosted e -> judgeAll(s -> s.isMeantBy(e.getDigest()));
      case VerdictLapsed e ->
          judgeAll(
              s ->
                  s.digest().equals(e.getDigest())
                      && s.namespace().equals(e.getNamespace())
                      && s.name().equals(e.getName()));
      case RecallRequested e -> {
        decide(Recalls.recalled(e, state.subjects().values()));
        judgeAll(s -> s.isMeantBy(e.getDigest()));
      }
      case RecallLiftRequested e -> lift(e);
      default -> {
        // Folded in, or of no concern.
      }
    }
  }

  private void decide(Message message) {
    decided.add(message);
    state =
        GateEvolution.evolve(
            state, new Fact(input.eventId(), input.time(), input.actor(), message));
  }

  private void declare(GatePolicyDeclared e) {
    decide(
        GatePolicySet.newBuilder()
            .setName(e.getName())
            .setVersion(state.versions().getOrDefault(e.getName(), 0) + 1)
            .setPolicy(e.getPolicy())
            .build());
    state.live().forEach(this::judgeIfKnown);
  }

  private void withdraw(GatePolicyWithdrawn e) {
    if (state.policies().containsKey(e.getName())) {
      decide(GatePolicyRemoved.newBuilder().setName(e.getName()).build());
      state.live().forEach(this::judgeIfKnown);
    }
  }

  private void lift(RecallLiftRequested e) {
    ImageRecalled recall = state.recalls().get(e.getDigest());
    if (recall != null) {
      decide(RecallLifted.newBuilder().setDigest(e.getDigest()).build());
      judgeAll(s -> s.isMeantBy(e.getDigest()));
    }
  }

  /** Those subjects that somebody uses, or that a verdict stands for. */
  private void judgeAll(Predicate<Subject> about) {
    List<Subject> live = state.live();
    state.subjects().values().stream()
        .filter(about)
        .filter(s -> live.contains(s) || state.verdicts().containsKey(s.key()))
        .toList()
        .forEach(this::judgeIfKnown);
  }

  private void judgeIfKnown(Subject subject) {
    boolean known = !state.needsEvidence(subject) || state.currentEvidence(subject).isPresent();
    if (state.needsVerdict(subject) && known) {
      Verdict verdict = judge(subject);
      var standing = new Standing(verdict.passed(), verdict.reason(), verdict.judgeAgainMs());
      if (!standing.equals(state.verdicts().get(subject.key()))) {
        decide(verdict.passed() ? released(subject, verdict) : held(subject, verdict));
      }
    }
  }

  private Verdict judge(Subject subject) {
    return Judge.judge(
        subject, state.holding(subject), state.known(subject, input.time().toEpochMilli()));
  }

  private void answerQuestions(Predicate<Subject> about) {
    for (VerifyRequested question : List.copyOf(state.questions().values())) {
      state
          .subjectOf(question.getRequestId())
          .filter(about)
          .filter(s -> !state.looks().containsKey(s.place()))
          .ifPresent(subject -> decide(verified(question, subject)));
    }
  }

  private ImageVerified verified(VerifyRequested question, Subject subject) {
    Verdict verdict = judge(subject);
    return ImageVerified.newBuilder()
        .setRequestId(question.getRequestId())
        .setReference(question.getReference())
        .setNamespace(question.getNamespace())
        .setDigest(subject.digest())
        .setReleased(verdict.passed())
        .addRules(allowed(question.getRequestId()))
        .addAllRules(verdict.rules())
        .build();
  }

  private RuleVerdict allowed(String requestId) {
    Asked request = state.asked().get(requestId);
    String by = request == null ? "" : request.admittedBy();
    return RuleVerdict.newBuilder()
        .setPolicy(by)
        .setRule("allow-list")
        .setPassed(true)
        .setWhy(by.isEmpty() ? "no allow-list holds for the namespace" : "it names the image")
        .build();
  }

  /** The answer where the allow-list already says no. */
  public static ImageVerified refused(VerifyRequested question, RuleVerdict why) {
    return ImageVerified.newBuilder()
        .setRequestId(question.getRequestId())
        .setReference(question.getReference())
        .setNamespace(question.getNamespace())
        .addRules(why)
        .build();
  }

  private static Message released(Subject subject, Verdict verdict) {
    return ImageReleased.newBuilder()
        .setNamespace(subject.namespace())
        .setName(subject.name())
        .setDigest(subject.digest())
        .setIndexDigest(subject.indexDigest())
        .addAllRules(verdict.rules())
        .setJudgeAgainMs(verdict.judgeAgainMs())
        .build();
  }

  private static Message held(Subject subject, Verdict verdict) {
    return ImageHeld.newBuilder()
        .setNamespace(subject.namespace())
        .setName(subject.name())
        .setDigest(subject.digest())
        .setIndexDigest(subject.indexDigest())
        .addAllRules(verdict.rules())
        .setJudgeAgainMs(verdict.judgeAgainMs())
        .setReason(verdict.reason())
        .build();
  }
}
