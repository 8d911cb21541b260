package dev.waybill.scheduling.workload;

import dev.waybill.contracts.workload.WorkloadApplied;
import org.pcollections.TreePMap;

/**
 * A number of like containers that shall run.
 *
 * @param applied the newest version that was asked for
 * @param replicas how many shall run; a scale changes it without a new version
 * @param slots its places by number, three digits at least so that they sort
 * @param removed it shall go, with all its containers
 * @param settledRevision the newest version that ran in full; 0 before the first
 */
public record Workload(
    WorkloadApplied applied,
    int replicas,
    TreePMap<String, Slot> slots,
    boolean removed,
    int settledRevision) {

  /** A workload as applied; the places of an earlier version stay. */
  public static Workload applied(WorkloadApplied applied, TreePMap<String, Slot> slots) {
    return new Workload(applied, applied.getReplicas(), slots, false, 0);
  }

  /** The key of a workload among all namespaces. */
  public static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  public String key() {
    return key(applied.getNamespace(), applied.getName());
  }

  public Slot slot(int number) {
    return slots.getOrDefault(slotKey(number), Slot.EMPTY);
  }

  public Workload withSlot(int number, Slot slot) {
    return new Workload(
        applied, replicas, slots.plus(slotKey(number), slot), removed, settledRevision);
  }

  public Workload withoutSlot(String slotKey) {
    return new Workload(applied, replicas, slots.minus(slotKey), removed, settledRevision);
  }

  public Workload withReplicas(int count) {
    return new Workload(applied, count, slots, removed, 0);
  }

  public Workload asRemoved() {
    return new Workload(applied, 0, slots, true, settledRevision);
  }

  public Workload settled(int revision) {
    return new Workload(applied, replicas, slots, removed, revision);
  }

  /** Places sort by number as long as there are fewer than a million of them. */
  static String slotKey(int number) {
    return "%06d".formatted(number);
  }
}
