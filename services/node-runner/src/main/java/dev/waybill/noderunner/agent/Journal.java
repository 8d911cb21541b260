package dev.waybill.noderunner.agent;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.Writer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this node reports. Ids follow from the order and the step, so that a report which a kill cut
 * off from its record is recognised and not made twice.
 */
final class Journal implements AutoCloseable {
  private final Writer writer;
  private final String source;
  private final InstantSource clock;
  private final Set<String> reported = ConcurrentHashMap.newKeySet();

  /**
   * @param openContainers ids of the containers whose reports may be repeated
   */
  Journal(EventLog log, String source, InstantSource clock, Set<String> openContainers) {
    this.writer = log.openWriter(source, Set.of(Topic.NODES));
    this.source = source;
    this.clock = clock;
    if (!openContainers.isEmpty()) {
      rememberReports(log, openContainers);
    }
  }

  private void rememberReports(EventLog log, Set<String> openContainers) {
    for (Partition partition : log.partitions(Topic.NODES)) {
      for (Recorded recorded : log.read(partition, 0, log.end(partition))) {
        String subject = recorded.event().subject();
        if (recorded.event().source().equals(source)
            && openContainers.contains(subject.substring(subject.indexOf('/') + 1))) {
          reported.add(recorded.event().id());
        }
      }
    }
  }

  /**
   * Reports about a container, all in one append.
   *
   * @param step tells this report from others about the same order
   */
  void report(ContainerRecord about, String step, Message... events) {
    var drafts = new ArrayList<Draft>();
    for (Message event : events) {
      String id = EventIds.derived(about.causeId() + "/" + step, source, drafts.size());
      if (!reported.contains(id)) {
        String trace = EventIds.traceparent(about.lineage().traceparent(), id);
        drafts.add(Draft.fact(id, event, clock.instant(), about.lineage().withTraceparent(trace)));
      }
    }
    if (!drafts.isEmpty()) {
      writer.append(drafts);
      drafts.forEach(draft -> reported.add(draft.id()));
    }
  }

  /** Reports what came of an order that is about no container. */
  void answer(Event order, Lineage lineage, Message event) {
    String id = EventIds.derived(order.id(), source, 0);
    writer.append(List.of(Draft.fact(id, event, clock.instant(), lineage)));
  }

  /** Reports something that no order caused. */
  void note(String id, Message event) {
    writer.append(
        List.of(Draft.fact(id, event, clock.instant(), Lineage.origin(id, "system/node", null))));
  }

  @Override
  public void close() {
    writer.close();
  }
}
