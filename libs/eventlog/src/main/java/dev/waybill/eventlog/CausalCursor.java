package dev.waybill.eventlog;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads several partitions so that a cause comes before its effects.
 *
 * <p>The log orders one partition only, and a broker may answer with an effect before its cause,
 * most of all to a reader that catches up. Here an event is given out only when no partition can
 * still hold an earlier one: each has something buffered, or is read to its end as it was after the
 * event had arrived. Among the buffered heads the earliest appended goes first, unless its direct
 * cause is buffered too: that order doesn't depend on the clocks of brokers.
 */
public final class CausalCursor implements Cursor {
  private static final Duration CATCH_UP = Duration.ofMillis(50);

  private final EventLog log;
  private final Cursor inner;
  private final Map<Partition, Deque<Recorded>> buffers = new TreeMap<>();

  /** Where each buffered event is, by its id. */
  private final Map<String, Partition> partitionById = new HashMap<>();

  public CausalCursor(EventLog log, Map<Partition, Long> from) {
    this.log = log;
    this.inner = log.open(from);
    from.keySet().forEach(partition -> buffers.put(partition, new ArrayDeque<>()));
  }

  @Override
  public List<Recorded> poll(Duration atMost) {
    buffer(inner.poll(hasBuffered() ? Duration.ZERO : atMost));
    if (!hasBuffered()) {
      return List.of();
    }
    Map<Partition, Long> ends = log.committedEnds(buffers.keySet());
    if (mayHoldEarlier(ends) != null) {
      buffer(inner.poll(CATCH_UP));
    }
    var ordered = new ArrayList<Recorded>();
    while (hasBuffered() && mayHoldEarlier(ends) == null) {
      ordered.add(take());
    }
    return ordered;
  }

  private void buffer(List<Recorded> arrived) {
    for (Recorded recorded : arrived) {
      buffer(recorded.partition()).add(recorded);
      partitionById.put(recorded.event().id(), recorded.partition());
    }
  }

  private Deque<Recorded> buffer(Partition partition) {
    return Objects.requireNonNull(buffers.get(partition));
  }

  private boolean hasBuffered() {
    return buffers.values().stream().anyMatch(buffer -> !buffer.isEmpty());
  }

  /** A partition with nothing buffered that isn't read to its end; null if there is none. */
  private @Nullable Partition mayHoldEarlier(Map<Partition, Long> ends) {
    for (var buffer : buffers.entrySet()) {
      Partition partition = buffer.getKey();
      long end = Objects.requireNonNull(ends.get(partition));
      if (buffer.getValue().isEmpty() && inner.position(partition) < end) {
        return partition;
      }
    }
    return null;
  }

  private Recorded take() {
    Recorded earliest = null;
    for (Deque<Recorded> buffer : buffers.values()) {
      Recorded head = buffer.peek();
      if (head != null && (earliest == null || head.appendedAt().isBefore(earliest.appendedAt()))) {
        earliest = head;
      }
    }
    Recorded chosen = Objects.requireNonNull(earliest);
    Partition cause = partitionById.get(String.valueOf(chosen.event().lineage().causationId()));
    Recorded next = buffer(cause == null ? chosen.partition() : cause).remove();
    partitionById.remove(next.event().id());
    return next;
  }

  @Override
  public long position(Partition partition) {
    Recorded head = buffer(partition).peek();
    return head == null ? inner.position(partition) : head.offset();
  }

  @Override
  public void wakeup() {
    inner.wakeup();
  }

  @Override
  public void close() {
    inner.close();
  }
}
