package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.eventlog.Lineage;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows of a container, as kept on disk.
 *
 * @param run the order to run it
 * @param causeId id of the event that carried the newest order to start
 * @param lineage lineage of reports about it
 * @param attach where it is connected; null before it is known, or without a network of its own
 * @param phase where it is
 * @param starts how often its program was started
 * @param stopAsked it ends because somebody asked
 * @param taken offset of the newest order that it has carried out; -1 before the first
 */
record ContainerRecord(
    RunAssigned run,
    String causeId,
    Lineage lineage,
    @Nullable AttachAssigned attach,
    Phase phase,
    int starts,
    boolean stopAsked,
    long taken) {

  /** Where a container is on its node. */
  enum Phase {
    /** It shall be started. Goes to RUNNING or ENDED. */
    STARTING,
    /** Its start was reported. Goes to ENDED. */
    RUNNING,
    /** Its end was reported. Goes to STARTING by a new order, or its record is deleted. */
    ENDED
  }

  String id() {
    return run.getContainerId();
  }

  ContainerRecord with(AttachAssigned to) {
    return new ContainerRecord(run, causeId, lineage, to, phase, starts, stopAsked, taken);
  }

  ContainerRecord with(Phase next) {
    return new ContainerRecord(run, causeId, lineage, attach, next, starts, stopAsked, taken);
  }

  ContainerRecord taken(long offset) {
    return new ContainerRecord(run, causeId, lineage, attach, phase, starts, stopAsked, offset);
  }

  ContainerRecord started() {
    return new ContainerRecord(
        run, causeId, lineage, attach, Phase.RUNNING, starts + 1, stopAsked, taken);
  }

  ContainerRecord stopping() {
    return new ContainerRecord(run, causeId, lineage, attach, phase, starts, true, taken);
  }

  ContainerRecord ordered(String newCauseId, Lineage newLineage) {
    return new ContainerRecord(
        run, newCauseId, newLineage, attach, Phase.STARTING, starts, false, taken);
  }
}
