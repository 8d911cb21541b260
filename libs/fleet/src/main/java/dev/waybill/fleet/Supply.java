package dev.waybill.fleet;

import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.registry.ImageVerified;
import org.pcollections.OrderedPMap;
import org.pcollections.TreePMap;

/**
 * What the gate said, and how the mirrors get on.
 *
 * @param gates policies by name
 * @param recalls in force, by digest as it was recalled
 * @param verified answers to questions by request id, the newest {@value #ANSWERS_MAX}
 * @param syncs by the name of their policy
 */
public record Supply(
    TreePMap<String, GatePolicySet> gates,
    TreePMap<String, ImageRecalled> recalls,
    OrderedPMap<String, ImageVerified> verified,
    TreePMap<String, SyncStatus> syncs) {
  private static final int ANSWERS_MAX = 1_000;

  static final Supply NONE =
      new Supply(TreePMap.empty(), TreePMap.empty(), OrderedPMap.empty(), TreePMap.empty());

  Supply withGates(TreePMap<String, GatePolicySet> changed) {
    return new Supply(changed, recalls, verified, syncs);
  }

  Supply withRecalls(TreePMap<String, ImageRecalled> changed) {
    return new Supply(gates, changed, verified, syncs);
  }

  Supply withSyncs(TreePMap<String, SyncStatus> changed) {
    return new Supply(gates, recalls, verified, changed);
  }

  Supply with(ImageVerified answer) {
    OrderedPMap<String, ImageVerified> kept = verified.plus(answer.getRequestId(), answer);
    return new Supply(
        gates,
        recalls,
        kept.size() > ANSWERS_MAX ? kept.minus(kept.keySet().iterator().next()) : kept,
        syncs);
  }
}
