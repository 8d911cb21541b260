package dev.waybill.image.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.Writer;
import dev.waybill.kernel.IdSource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Writes the image service's facts. What answers an event has an id that follows from it. */
final class ImageEventWriter implements AutoCloseable {
  static final Topic TOPIC = Topic.IMAGES;

  private final Writer writer;
  private final String source;
  private final IdSource ids;
  private final InstantSource clock;
  private final AtomicLong end;

  ImageEventWriter(EventLog log, String source, IdSource ids, InstantSource clock) {
    this.writer = log.openWriter(source, Set.of(TOPIC));
    this.source = source;
    this.ids = ids;
    this.clock = clock;
    this.end = new AtomicLong(log.end(log.partitions(TOPIC).getFirst()));
  }

  /**
   * Writes what follows from an event, all or nothing.
   *
   * @param first number of the first message among all that ever follow from this event
   */
  void answer(Event cause, int first, List<Message> messages) {
    Instant now = clock.instant();
    List<Draft> drafts = new ArrayList<>();
    for (Message message : messages) {
      String id = EventIds.derived(cause.id(), source, first + drafts.size());
      String trace = EventIds.traceparent(cause.lineage().traceparent(), id);
      drafts.add(Draft.fact(id, message, now, Lineage.causedBy(cause).withTraceparent(trace)));
    }
    append(drafts);
  }

  /** Writes what nobody on the log asked for. */
  void report(String actor, List<Message> messages) {
    Instant now = clock.instant();
    List<Draft> drafts = new ArrayList<>();
    for (Message message : messages) {
      String id = ids.next();
      drafts.add(Draft.fact(id, message, now, Lineage.origin(id, actor, null)));
    }
    append(drafts);
  }

  private void append(List<Draft> drafts) {
    for (Recorded recorded : writer.append(drafts)) {
      end.accumulateAndGet(recorded.offset() + 1, Math::max);
    }
  }

  /** The offset after the last event that we know of. */
  long end() {
    return end.get();
  }

  @Override
  public void close() {
    writer.close();
  }
}
