package dev.waybill.eventlog.decider;

import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/** The inputs of a decider, wound forward to whichever partition and offset is asked for. */
final class InputTape implements AutoCloseable {
  private final EventLog log;
  private final Map<Partition, Long> from;
  private final Map<Partition, Reel> reels = new TreeMap<>();

  private record Reel(Cursor cursor, Deque<Recorded> ahead) {}

  InputTape(EventLog log, Map<Partition, Long> from) {
    this.log = log;
    this.from = from;
  }

  /**
   * The event at an offset. Offsets of one partition must be asked for in growing order.
   *
   * @throws IllegalStateException if the log has no event there
   */
  Recorded at(Partition partition, long offset) {
    Reel reel =
        reels.computeIfAbsent(
            partition,
            p -> new Reel(log.open(Map.of(p, from.getOrDefault(p, 0L))), new ArrayDeque<>()));
    while (true) {
      Recorded next = reel.ahead.pollFirst();
      if (next == null) {
        refill(reel, partition, offset);
      } else if (next.offset() == offset) {
        return next;
      } else if (next.offset() > offset) {
        throw missing(partition, offset);
      }
    }
  }

  private void refill(Reel reel, Partition partition, long offset) {
    if (reel.cursor.position(partition) > offset || log.end(partition) <= offset) {
      throw missing(partition, offset);
    }
    reel.ahead.addAll(reel.cursor.poll(Duration.ofMillis(200)));
  }

  private static IllegalStateException missing(Partition partition, long offset) {
    return new IllegalStateException(
        "the log lacks %s offset %d, which a recorded decision was based on"
            .formatted(partition, offset));
  }

  @Override
  public void close() {
    reels.values().forEach(reel -> reel.cursor.close());
  }
}
