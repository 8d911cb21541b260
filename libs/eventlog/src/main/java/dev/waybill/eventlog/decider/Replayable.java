package dev.waybill.eventlog.decider;

import dev.waybill.eventlog.EventLog;

/**
 * A decider whose history can be decided again: what a service offers to whoever audits, without
 * being imported by it.
 *
 * @param source the CloudEvents source of its outputs
 */
public record Replayable<S>(Decider<S> decider, Class<S> stateType, String source) {
  /** Decides its whole history on {@code log} again, and compares. */
  public Replay.Outcome replay(EventLog log) {
    return new Replay<>(log, decider, source, stateType).run();
  }
}
