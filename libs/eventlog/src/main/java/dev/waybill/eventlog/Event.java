package dev.waybill.eventlog;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.waybill.contracts.EventCatalog;
import dev.waybill.contracts.EventType;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One fact with its CloudEvents attributes.
 *
 * @param id unique; a UUIDv7 for causes from outside, derived from the cause for the rest
 * @param source who wrote it, for example {@code /cells/local/scheduling}
 * @param type full name of the payload's message
 * @param subject the aggregate that it is about, for example {@code container/4f2a…}
 * @param time when it happened, to the microsecond; a decider's outputs carry the time of its
 *     inputs, so that a replay gives the same bytes
 * @param lineage the request it belongs to, its direct cause, and who asked
 * @param sequence gapless per source, from 1, so that a withheld event shows
 * @param inputs of a decider's output: the inputs consumed since its previous output
 * @param deciderVersion version of the decider that decided it; 0 for what was not decided
 * @param data the payload as canonical Protobuf
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">CloudEvents
 *     1.0</a>
 */
public record Event(
    String id,
    String source,
    String type,
    String subject,
    Instant time,
    Lineage lineage,
    long sequence,
    @Nullable InputRuns inputs,
    int deciderVersion,
    ByteString data) {

  /** The payload; empty where a newer writer used a type that this build doesn't know. */
  public Optional<Message> payload() {
    return EventCatalog.find(type).map(this::parse);
  }

  private Message parse(EventType known) {
    try {
      return known.parse(data.toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("event " + id + " is no valid " + type, e);
    }
  }

  /** The type without its package: {@code ContainerStarted}. */
  public String simpleType() {
    return type.substring(type.lastIndexOf('.') + 1);
  }
}
