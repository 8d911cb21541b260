package dev.waybill.registrysync;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.gate.GateScope;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.ImageMirrorFailed;
import dev.waybill.contracts.registry.ImageMirrored;
import dev.waybill.contracts.registry.ImageRejected;
import dev.waybill.contracts.registry.MirrorTagPruned;
import dev.waybill.contracts.registry.RegistryLoginRemoved;
import dev.waybill.contracts.registry.RegistryLoginStored;
import dev.waybill.contracts.registry.RuleVerdict;
import dev.waybill.contracts.registry.SyncPolicyRemoved;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.contracts.registry.TagDiscovered;
import dev.waybill.contracts.registry.UpstreamListed;
import dev.waybill.contracts.spec.PullPolicy;
import dev.waybill.contracts.workload.PullRequested;
import dev.waybill.contracts.workload.SyncPolicyDeclared;
import dev.waybill.contracts.workload.SyncPolicyWithdrawn;
import dev.waybill.contracts.workload.SyncRequested;
import dev.waybill.contracts.workload.VerifyRequested;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.decider.Decider;
import dev.waybill.eventlog.decider.Fact;
import dev.waybill.oci.image.Reference;
import dev.waybill.registrysync.gate.GateDecider;
import dev.waybill.registrysync.gate.GateEvolution;
import dev.waybill.registrysync.mirror.Mirror;
import dev.waybill.registrysync.policy.Gate;
import dev.waybill.registrysync.policy.Policy;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The supply decider: the gate and the mirror. */
public final class RegistryDecider implements Decider<RegistryState> {
  /** The last element of its source. */
  public static final String NAME = "registry-sync";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int version() {
    return 4;
  }

  @Override
  public Set<Topic> inputs() {
    return Set.of(Topic.WORKLOADS, Topic.SCHEDULING, Topic.IMAGES);
  }

  @Override
  public Set<Topic> outputs() {
    return Set.of(Topic.REGISTRY);
  }

  @Override
  public RegistryState initial() {
    return RegistryState.EMPTY;
  }

  @Override
  public RegistryState evolve(RegistryState state, Fact fact) {
    RegistryState supply = ofSupply(state, fact);
    return supply
        .with(GateEvolution.evolve(supply.gate(), fact))
        .with(Mirror.evolve(supply.mirror(), supply.policies(), fact));
  }

  private static RegistryState ofSupply(RegistryState state, Fact fact) {
    return switch (fact.payload()) {
      case SyncPolicySet e -> state.with(new Policy(e));
      case SyncPolicyRemoved e -> state.withoutPolicy(e.getName());
      case SyncRequested e -> state.syncRequested(e.getName(), fact.eventId());
      case ImageAdmitted e -> CopyDecider.admitted(state.answered(e.getRequestId(), true), e);
      case ImageRejected e -> state.answered(e.getRequestId(), false);
      case TagDiscovered e -> CopyDecider.discovered(state, e, fact);
      case ImagePulled e -> CopyDecider.hadAlready(state, e);
      case ImageMirrored e ->
          CopyDecider.ended(state, e.getReference(), e.getDigest(), e.getRequestId())
              .mirrored(e.getReference(), e.getDigest());
      case ImageMirrorFailed e ->
          CopyDecider.ended(state, e.getReference(), e.getDigest(), e.getRequestId());
      case MirrorTagPruned e -> state.notMirrored(e.getReference());
      case RegistryLoginStored e ->
          state.withLogins(state.logins().plus(loginKey(e.getHost(), e.getNamespace()), e));
      case RegistryLoginRemoved e ->
          state.withLogins(state.logins().minus(loginKey(e.getHost(), e.getNamespace())));
      case ContainerRemoved e -> state.forgetting(EventIds.derivedHex("image", e.getContainerId()));
      default -> state;
    };
  }

  /** A host has no slash, so the key tells hosts and namespaces apart. */
  public static String loginKey(String host, String namespace) {
    return host + "/" + namespace;
  }

  @Override
  public List<Message> decide(RegistryState state, Fact input) {
    return Stream.concat(
            supply(state, input).stream(), GateDecider.decide(state.gate(), input).stream())
        .toList();
  }

  private static List<Message> supply(RegistryState state, Fact input) {
    return switch (input.payload()) {
      case SyncPolicyDeclared e -> declare(state, e);
      case SyncPolicyWithdrawn e ->
          state.policies().containsKey(e.getName())
              ? List.of(SyncPolicyRemoved.newBuilder().setName(e.getName()).build())
              : List.of();
      case ContainerRequested e ->
          state.answered().containsKey(e.getImageRequestId())
              ? List.of()
              : List.of(judge(state, e));
      case PullRequested e ->
          List.of(
              judge(
                  state,
                  e.getRequestId(),
                  e.getReference(),
                  e.getNamespace(),
                  PullPolicy.PULL_POLICY_ALWAYS));
      case VerifyRequested e -> verify(state, e);
      case TagDiscovered e -> CopyDecider.copy(state, e, input);
      case UpstreamListed e ->
          Mirror.prune(
              state.mirror(),
              state.policies(),
              state.mirrored(),
              (reference, digest) -> runs(state, reference, digest),
              e,
              input.time().toEpochMilli());
      case ImagePulled e -> CopyDecider.pulled(state, e);
      case ImagePullFailed e -> CopyDecider.pullFailed(state, e);
      default -> List.of();
    };
  }

  private static List<Message> declare(RegistryState state, SyncPolicyDeclared e) {
    int version = state.versions().getOrDefault(e.getName(), 0) + 1;
    return List.of(
        SyncPolicySet.newBuilder()
            .setName(e.getName())
            .setVersion(version)
            .setUpstream(e.getUpstream())
            .setTags(e.getTags())
            .setIntervalMs(e.getIntervalMs())
            .setMirror(e.getMirror())
            .setNamespace(e.getNamespace())
            .setFilter(e.getFilter())
            .setPullThrough(e.getPullThrough())
            .setPrune(e.getPrune())
            .setPruneGraceMs(e.getPruneGraceMs())
            .addAllPlatforms(e.getPlatformsList())
            .setBytesPerSecond(e.getBytesPerSecond())
            .build());
  }

  private static boolean runs(RegistryState state, String reference, String digest) {
    return state.gate().live().stream()
        .anyMatch(subject -> subject.reference().equals(reference) || subject.isMeantBy(digest));
  }

  /** A question has the image fetched like a pull by hand; a name outside policy is answered. */
  private static List<Message> verify(RegistryState state, VerifyRequested e) {
    Message verdict =
        judge(
            state,
            e.getRequestId(),
            e.getReference(),
            e.getNamespace(),
            PullPolicy.PULL_POLICY_ALWAYS);
    return verdict instanceof ImageRejected rejected
        ? List.of(rejected, GateDecider.refused(e, outsidePolicy(rejected)))
        : List.of(verdict);
  }

  private static RuleVerdict outsidePolicy(ImageRejected rejected) {
    return RuleVerdict.newBuilder()
        .setPolicy(String.join(", ", rejected.getPoliciesList()))
        .setRule("allow-list")
        .setWhy(rejected.getReason())
        .build();
  }

  private static Message judge(RegistryState state, ContainerRequested e) {
    return judge(
        state,
        e.getImageRequestId(),
        e.getSpec().getImage(),
        e.getNamespace(),
        e.getSpec().getPull());
  }

  private static Message judge(
      RegistryState state, String requestId, String reference, String namespace, PullPolicy pull) {
    return switch (Gate.judge(reference, namespace, state.policies().values())) {
      case Gate.Verdict.Admitted(var policy, var version) ->
          ImageAdmitted.newBuilder()
              .setRequestId(requestId)
              .setReference(reference)
              .setPull(pull)
              .setPolicy(policy)
              .setPolicyVersion(version)
              .setNamespace(namespace)
              .setWithProofs(
                  copiesOnDemand(state, policy) || needsProofs(state, reference, namespace))
              .setBytesPerSecond(bytesPerSecondOnDemand(state, policy))
              .build();
      case Gate.Verdict.Rejected(var reason, var asked) ->
          ImageRejected.newBuilder()
              .setRequestId(requestId)
              .setReference(reference)
              .setReason(reason)
              .addAllPolicies(asked)
              .setNamespace(namespace)
              .build();
    };
  }

  private static boolean copiesOnDemand(RegistryState state, String policy) {
    Policy known = state.policies().get(policy);
    return known != null && known.set().getPullThrough();
  }

  private static long bytesPerSecondOnDemand(RegistryState state, String policy) {
    Policy known = state.policies().get(policy);
    return known != null && known.set().getPullThrough() ? known.set().getBytesPerSecond() : 0;
  }

  private static boolean needsProofs(RegistryState state, String reference, String namespace) {
    Reference parsed = Reference.parse(reference); // The gate has read it before.
    return state.gate().holding(namespace, parsed.host() + "/" + parsed.repository()).stream()
        .anyMatch(set -> GateScope.asksForEvidence(set.getPolicy()));
  }
}
