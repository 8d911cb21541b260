package dev.waybill.eventlog.decider;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a decider itself has written, over all its topics, in the order of its writing. */
final class OwnRecords {
  private OwnRecords() {}

  /** Its records after those that {@code fold} has in it. */
  static List<Recorded> after(EventLog log, Fold<?> fold) {
    var own = new ArrayList<Recorded>();
    for (Topic topic : fold.decider().outputs()) {
      for (Partition partition : log.partitions(topic)) {
        long from = fold.next().getOrDefault(partition, 0L);
        log.read(partition, from, log.end(partition)).stream()
            .filter(recorded -> recorded.event().source().equals(fold.source()))
            .filter(recorded -> recorded.event().sequence() > fold.lastSequence())
            .forEach(own::add);
      }
    }
    own.sort(Comparator.comparingLong(recorded -> recorded.event().sequence()));
    return own;
  }
}
