package dev.waybill.fleet;

import dev.waybill.contracts.workload.WorkloadApplied;
import java.time.Instant;

/**
 * A workload as people see it.
 *
 * @param applied the newest version
 * @param replicas how many shall run
 * @param settledRevision the newest version that ran in full; 0 before the first
 */
public record WorkloadView(
    WorkloadApplied applied,
    int replicas,
    int settledRevision,
    boolean removed,
    String actor,
    Instant appliedAt) {

  /** {@code namespace/name}. */
  public String key() {
    return applied.getNamespace() + "/" + applied.getName();
  }

  WorkloadView scaled(int count) {
    return new WorkloadView(applied, count, 0, removed, actor, appliedAt);
  }

  WorkloadView settled(int revision) {
    return new WorkloadView(applied, replicas, revision, removed, actor, appliedAt);
  }

  WorkloadView asRemoved() {
    return new WorkloadView(applied, 0, settledRevision, true, actor, appliedAt);
  }
}
