/**
 * Turns a pure decider into a service that can be restarted, replayed and asked what if.
 *
 * <p>{@link dev.waybill.eventlog.decider.Fold} is the whole arithmetic: which inputs count, what
 * follows from them, what ids and times the outputs carry. {@link
 * dev.waybill.eventlog.decider.DeciderLoop} feeds it from a log and appends what it says; {@link
 * dev.waybill.eventlog.decider.Recovery} brings it back to where the log says it was; {@link
 * dev.waybill.eventlog.decider.Replay} decides everything again and compares.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.eventlog.decider;
