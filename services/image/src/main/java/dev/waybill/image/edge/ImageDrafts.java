package dev.waybill.image.edge;

import com.google.protobuf.Message;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.Lineage;
import dev.waybill.kernel.IdSource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The image service's facts with their identity; what answers an event has an id that follows from
 * it.
 */
record ImageDrafts(String source, IdSource ids, InstantSource clock) {
  /**
   * What follows from an event.
   *
   * @param first number of the first message among all that ever follow from this event
   */
  List<Draft> answer(Event cause, int first, List<Message> messages) {
    Instant now = clock.instant();
    List<Draft> drafts = new ArrayList<>();
    for (Message message : messages) {
      String id = EventIds.derived(cause.id(), source, first + drafts.size());
      String trace = EventIds.traceparent(cause.lineage().traceparent(), id);
      drafts.add(Draft.fact(id, message, now, Lineage.causedBy(cause).withTraceparent(trace)));
    }
    return drafts;
  }

  /** What nobody on the log asked for. */
  List<Draft> report(String actor, List<Message> messages) {
    Instant now = clock.instant();
    List<Draft> drafts = new ArrayList<>();
    for (Message message : messages) {
      String id = ids.next();
      drafts.add(Draft.fact(id, message, now, Lineage.origin(id, actor, null)));
    }
    return drafts;
  }
}
