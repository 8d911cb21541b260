package dev.waybill.eventlog.kafka;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Finds a source's newest sequence number by reading its topics from their ends backwards. */
final class LastSequence {
  private static final long FIRST_LOOK = 512;

  private LastSequence() {}

  static long of(EventLog log, String source, Set<Topic> topics) {
    return topics.stream()
        .flatMap(topic -> log.partitions(topic).stream())
        .mapToLong(partition -> inPartition(log, source, partition))
        .max()
        .orElse(0);
  }

  private static long inPartition(EventLog log, String source, Partition partition) {
    long until = log.end(partition);
    long look = FIRST_LOOK;
    while (until > 0) {
      long from = Math.max(0, until - look);
      List<Recorded> events = log.read(partition, from, until);
      OptionalLong newest =
          events.stream()
              .filter(recorded -> recorded.event().source().equals(source))
              .mapToLong(recorded -> recorded.event().sequence())
              .max();
      if (newest.isPresent()) {
        return newest.getAsLong();
      }
      until = from;
      look *= 4;
    }
    return 0;
  }
}
