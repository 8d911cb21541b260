package dev.waybill.audit.edge;

import dev.waybill.audit.history.History;
import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.CausalCursor;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads all that the log keeps for good, from its beginning to its end as of now. */
final class LogReader {
  private static final Duration TURN = Duration.ofMillis(200);

  private final EventLog log;

  LogReader(EventLog log) {
    this.log = log;
  }

  History history() {
    Map<Partition, Long> from = new TreeMap<>();
    for (Topic topic : Topic.values()) {
      if (topic.keeping() == Topic.Keeping.FOR_GOOD) {
        log.partitions(topic).forEach(partition -> from.put(partition, 0L));
      }
    }
    Map<Partition, Long> ends = log.committedEnds(from.keySet());
    List<Recorded> events = new ArrayList<>();
    try (Cursor cursor = new CausalCursor(log, from)) {
      while (!isRead(cursor, ends)) {
        events.addAll(cursor.poll(TURN));
        if (events.size() > EventLog.READ_EVENTS_MAX) {
          throw new IllegalStateException(
              "the log has more than %d events, ask with a narrower range"
                  .formatted(EventLog.READ_EVENTS_MAX));
        }
      }
    }
    return new History(events);
  }

  private static boolean isRead(Cursor cursor, Map<Partition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> cursor.position(end.getKey()) >= end.getValue());
  }
}
