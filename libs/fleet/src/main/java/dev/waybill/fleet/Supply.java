package dev.waybill.fleet;

import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.registry.ImageVerified;
import org.pcollections.OrderedPMap;
import org.pcollections.TreePMap;

/**
 * What the gate said.
 *
 * @param gates policies by name
 * @param recalls in force, by digest as it was recalled
 * @param verified answers to questions by request id, the newest {@value #ANSWERS_MAX}
 */
public record Supply(
    TreePMap<String, GatePolicySet> gates,
    TreePMap<String, ImageRecalled> recalls,
    OrderedPMap<String, ImageVerified> verified) {
  private static final int ANSWERS_MAX = 1_000;

  static final Supply NONE = new Supply(TreePMap.empty(), TreePMap.empty(), OrderedPMap.empty());

  Supply withGates(TreePMap<String, GatePolicySet> changed) {
    return new Supply(changed, recalls, verified);
  }

  Supply withRecalls(TreePMap<String, ImageRecalled> changed) {
    return new Supply(gates, changed, verified);
  }

  Supply with(ImageVerified answer) {
    OrderedPMap<String, ImageVerified> kept = verified.plus(answer.getRequestId(), answer);
    return new Supply(
        gates,
        recalls,
        kept.size() > ANSWERS_MAX ? kept.minus(kept.keySet().iterator().next()) : kept);
  }
}
