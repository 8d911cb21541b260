package dev.waybill.eventlog;

import java.time.Instant;

/**
 * An event as the log holds it.
 *
 * @param offset its place in the partition; offsets grow but may leave gaps (a broker's transaction
 *     markers take some)
 * @param appendedAt when the log took it, by the broker's clock
 */
public record Recorded(Partition partition, long offset, Instant appendedAt, Event event) {}
