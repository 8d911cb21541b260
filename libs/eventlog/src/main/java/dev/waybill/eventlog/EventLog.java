package dev.waybill.eventlog;

import dev.waybill.contracts.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The append-only log that is the platform's memory.
 *
 * <p>An append is atomic over all its events and topics; readers see all of it or nothing. A writer
 * is fenced by the next one opened for the same source. Order within a partition is total. {@code
 * EventLogContract} in {@code libs/testkit} is the executable form of this page; every
 * implementation must pass it.
 */
public interface EventLog extends AutoCloseable {
  /** Events that one read may return at most, as a guard for memory. */
  int READ_EVENTS_MAX = 1_000_000;

  /**
   * Opens the one writer of {@code source}; earlier writers of it are fenced from now on.
   *
   * @param topics all topics that this source ever writes; its last sequence number is found there
   */
  Writer openWriter(String source, Set<Topic> topics);

  /** The partitions of a topic, in order. */
  List<Partition> partitions(Topic topic);

  /** The partition that a draft goes to. */
  Partition partitionOf(Draft draft);

  /**
   * The offset after the last event, committed or about to be. A {@link #read} until there waits
   * for what is under way and gives only what was committed.
   */
  long end(Partition partition);

  /** The offsets up to which all is committed, so that some reader may have seen it. */
  Map<Partition, Long> committedEnds(Collection<Partition> partitions);

  /** The first offset whose event was appended at {@code time} or later; the end where none was. */
  long offsetAt(Partition partition, Instant time);

  /**
   * Reads on and on, from the given offsets. Order holds within a partition only; who needs causes
   * before effects over several takes a {@link CausalCursor}.
   */
  Cursor open(Map<Partition, Long> from);

  /**
   * All events of a partition from {@code from} (inclusive) until {@code until} (exclusive).
   *
   * @throws IllegalArgumentException if that is more than {@link #READ_EVENTS_MAX}
   */
  default List<Recorded> read(Partition partition, long from, long until) {
    if (until - from > READ_EVENTS_MAX) {
      throw new IllegalArgumentException(
          "cannot read %d events of %s at once, the most is %d"
              .formatted(until - from, partition, READ_EVENTS_MAX));
    }
    var events = new ArrayList<Recorded>();
    try (Cursor cursor = open(Map.of(partition, from))) {
      while (cursor.position(partition) < until) {
        for (Recorded recorded : cursor.poll(Duration.ofMillis(100))) {
          if (recorded.offset() < until) {
            events.add(recorded);
          }
        }
      }
    }
    return events;
  }

  @Override
  void close();
}
