package dev.waybill.registrysync.mirror;

import com.google.protobuf.Message;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.registry.ImageMirrored;
import dev.waybill.contracts.registry.MirrorTagPruned;
import dev.waybill.contracts.registry.SyncPolicyRemoved;
import dev.waybill.contracts.registry.UpstreamListed;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.contracts.workload.WorkloadRemoved;
import dev.waybill.eventlog.decider.Fact;
import dev.waybill.oci.image.Reference;
import dev.waybill.registrysync.policy.Policy;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** What the mirror keeps: who uses what, what is outside its policy, and what may go. */
public final class Mirror {
  private Mirror() {}

  /**
   * The state with a fact in it.
   *
   * @param policies in force after the fact, by name
   */
  public static MirrorState evolve(MirrorState state, Map<String, Policy> policies, Fact fact) {
    return switch (fact.payload()) {
      case UpstreamListed e when isCurrent(policies.get(e.getPolicy()), e) ->
          state.listed(e.getPolicy(), e.getUnwantedList(), fact.time().toEpochMilli());
      case ImageMirrored e ->
          state.mirrored(
              e.getReference(),
              e.getPolicy(),
              Copied.of(e.getDigest(), e.getPlatformsList(), e.getProofs()));
      case MirrorTagPruned e -> state.pruned(e.getReference());
      case SyncPolicyRemoved e -> state.withoutPolicy(e.getName());
      case ContainerRequested e ->
          state.using("container/" + e.getContainerId(), complete(e.getSpec().getImage()));
      case ContainerRemoved e -> state.notUsing("container/" + e.getContainerId());
      case WorkloadApplied e ->
          state.using(workload(e.getNamespace(), e.getName()), complete(e.getSpec().getImage()));
      case WorkloadRemoved e -> state.notUsing(workload(e.getNamespace(), e.getName()));
      default -> state;
    };
  }

  private static String workload(String namespace, String name) {
    return "workload/" + namespace + "/" + name;
  }

  /** People write {@code alpine:3} where the mirror has {@code docker.io/library/alpine:3}. */
  private static String complete(String image) {
    try {
      return Reference.parse(image).toString();
    } catch (IllegalArgumentException e) {
      return image; // The gate refuses it, and the mirror has nothing under such a name.
    }
  }

  /**
   * The tags that leave the mirror at this look.
   *
   * @param mirrored digest by reference
   * @param runs whether something runs from a reference or a digest
   */
  public static List<Message> prune(
      MirrorState state,
      Map<String, Policy> policies,
      Map<String, String> mirrored,
      BiPredicate<String, String> runs,
      UpstreamListed listing,
      long nowMs) {
    Policy policy = policies.get(listing.getPolicy());
    if (policy == null || !isCurrent(policy, listing) || !policy.set().getPrune()) {
      return List.of();
    }
    return state.ownedBy(policy.name()).stream()
        .filter(reference -> isOver(state, policy, reference, nowMs))
        .filter(reference -> !isWantedByAnother(policies.values(), policy, reference))
        .filter(reference -> !state.isNamed(reference))
        .filter(reference -> !runs.test(reference, digest(mirrored, reference)))
        .<Message>map(
            reference ->
                MirrorTagPruned.newBuilder()
                    .setPolicy(policy.name())
                    .setReference(reference)
                    .setDigest(digest(mirrored, reference))
                    .setUnwantedSinceMs(Objects.requireNonNull(state.unwanted().get(reference)))
                    .build())
        .toList();
  }

  private static boolean isCurrent(@Nullable Policy policy, UpstreamListed listing) {
    return policy != null && policy.set().getVersion() == listing.getPolicyVersion();
  }

  private static boolean isOver(MirrorState state, Policy policy, String reference, long nowMs) {
    Long since = state.unwanted().get(reference);
    return since != null && nowMs - since >= policy.set().getPruneGraceMs();
  }

  private static boolean isWantedByAnother(
      Collection<Policy> policies, Policy own, String reference) {
    Reference parsed = Reference.parse(reference);
    return policies.stream()
        .filter(policy -> !policy.name().equals(own.name()))
        .filter(policy -> policy.set().getMirror() || policy.set().getPullThrough())
        .anyMatch(policy -> policy.admits(parsed));
  }

  private static String digest(Map<String, String> mirrored, String reference) {
    return mirrored.getOrDefault(reference, "");
  }
}
