package dev.waybill.eventlog;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.waybill.contracts.EventCatalog;
import dev.waybill.contracts.EventType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * An event before the log has it: all but source and sequence, which the writer gives.
 *
 * @param inputs set by deciders only
 * @param deciderVersion 0 for what was not decided
 */
public record Draft(
    String id,
    Message payload,
    Instant time,
    Lineage lineage,
    @Nullable InputRuns inputs,
    int deciderVersion) {

  public Draft {
    time = time.truncatedTo(ChronoUnit.MICROS);
  }

  /** A fact that no decider decided. */
  public static Draft fact(String id, Message payload, Instant time, Lineage lineage) {
    return new Draft(id, payload, time, lineage, null, 0);
  }

  public EventType type() {
    return EventCatalog.typeOf(payload);
  }

  /** The event that this becomes as the {@code sequence}th of {@code source}. */
  public Event asEvent(String source, long sequence) {
    EventType type = type();
    return new Event(
        id,
        source,
        type.name(),
        type.subject(payload),
        time,
        lineage,
        sequence,
        inputs,
        deciderVersion,
        ByteString.copyFrom(EventCatalog.encode(payload)));
  }
}
