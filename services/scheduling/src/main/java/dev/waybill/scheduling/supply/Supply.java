package dev.waybill.scheduling.supply;

import dev.waybill.contracts.gate.GateScope;
import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.spec.GatePolicy;
import dev.waybill.scheduling.image.ImageAnswer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * What may start.
 *
 * @param policies of the gate, by name
 * @param rulings verdicts that stand, by subject
 * @param recalls in force, by digest as it was recalled
 */
public record Supply(
    TreePMap<String, GatePolicySet> policies,
    TreePMap<String, Ruling> rulings,
    TreePMap<String, Recall> recalls) {
  /** No policy and no recall: everything may start. */
  public static final Supply OPEN =
      new Supply(TreePMap.empty(), TreePMap.empty(), TreePMap.empty());

  /** The answer to a request in this namespace, as far as the gate lets it count. */
  public ImageAnswer checked(String namespace, ImageAnswer here) {
    if (policies.isEmpty() && recalls.isEmpty()) {
      return here;
    }
    Optional<String> forbidden = forbidden(namespace, here);
    if (forbidden.isPresent()) {
      return ImageAnswer.refused(forbidden.get());
    }
    boolean free =
        policies.values().stream()
            .map(GatePolicySet::getPolicy)
            .filter(policy -> GateScope.holds(policy, namespace, here.name()))
            .noneMatch(GateScope::asksForVerdict);
    if (free) {
      return here;
    }
    Ruling ruling = rulings.get(GateScope.subject(namespace, here.name(), here.digest()));
    if (ruling == null) {
      return here.held("");
    }
    return ruling.released() ? here : here.held(ruling.reason());
  }

  /** Why this digest never starts, if so. */
  private Optional<String> forbidden(String namespace, ImageAnswer here) {
    Optional<ImageRecalled> recall =
        recalls.values().stream()
            .filter(r -> r.means(here.digest()) || r.means(here.indexDigest()))
            .map(Recall::recalled)
            .findFirst();
    if (recall.isPresent()) {
      String reason = recall.get().getReason();
      return Optional.of(
          "%s was recalled%s; 'waybill image recall --lift %s' allows it again"
              .formatted(
                  here.digest(), reason.isEmpty() ? "" : ": " + reason, recall.get().getDigest()));
    }
    return policies.values().stream()
        .filter(set -> GateScope.holds(set.getPolicy(), namespace, here.name()))
        .filter(set -> denies(set.getPolicy(), here))
        .findFirst()
        .map(
            set ->
                "%s is denied by policy %s@%d"
                    .formatted(here.digest(), set.getName(), set.getVersion()));
  }

  private static boolean denies(GatePolicy policy, ImageAnswer here) {
    return policy.getDeniedDigestsList().stream()
        .anyMatch(d -> d.equals(here.digest()) || d.equals(here.indexDigest()));
  }

  /** Another set of policies; verdicts that were given before are void. */
  public Supply withPolicy(String name, @Nullable GatePolicySet policy) {
    return new Supply(
        policy == null ? policies.minus(name) : policies.plus(name, policy),
        TreePMap.empty(),
        recalls);
  }

  /** With a verdict. */
  public Supply ruled(String namespace, String name, String digest, Ruling ruling) {
    return new Supply(
        policies, rulings.plus(GateScope.subject(namespace, name, digest), ruling), recalls);
  }

  /** With a recall, or with how far it has come. */
  public Supply with(Recall recall) {
    return new Supply(policies, rulings, recalls.plus(recall.recalled().getDigest(), recall));
  }

  /** Without a recall. */
  public Supply lifted(String digest) {
    return new Supply(policies, rulings, recalls.minus(digest));
  }
}
