/**
 * Decides which containers exist, where they run and when they end.
 *
 * <p>In: intent from {@code waybill.workloads}, verdicts from {@code waybill.registry}, results
 * from {@code waybill.images}, refusals from {@code waybill.networking}, reports from {@code
 * waybill.nodes}, and its own observations of timers and heartbeats. Out: {@code
 * waybill.scheduling} and {@code waybill.assignments}.
 *
 * <p>{@link dev.waybill.scheduling.Evolution} folds facts into the state and judges nothing; {@link
 * dev.waybill.scheduling.SchedulingDecider} says what follows. Both are pure.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.scheduling;
