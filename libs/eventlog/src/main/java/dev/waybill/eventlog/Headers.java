package dev.waybill.eventlog;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Event attributes as the headers of the CloudEvents Kafka binding in binary mode.
 *
 * @see <a
 *     href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">Kafka
 *     protocol binding</a>
 */
public final class Headers {
  private Headers() {}

  /** All headers of an event, always in the same order; absent attributes have none. */
  public static SequencedMap<String, String> of(Event event) {
    var headers = new LinkedHashMap<String, String>();
    headers.put("ce_specversion", "1.0");
    headers.put("ce_id", event.id());
    headers.put("ce_source", event.source());
    headers.put("ce_type", event.type());
    headers.put("ce_subject", event.subject());
    headers.put("ce_time", event.time().toString());
    headers.put("content-type", "application/protobuf");
    headers.put("ce_correlationid", event.lineage().correlationId());
    put(headers, "ce_causationid", event.lineage().causationId());
    headers.put("ce_actor", event.lineage().actor());
    put(headers, "ce_traceparent", event.lineage().traceparent());
    headers.put("ce_sequence", Long.toString(event.sequence()));
    put(headers, "ce_inputs", event.inputs() == null ? null : event.inputs().toString());
    if (event.deciderVersion() != 0) {
      headers.put("ce_deciderversion", Integer.toString(event.deciderVersion()));
    }
    return headers;
  }

  private static void put(Map<String, String> headers, String name, @Nullable String value) {
    if (value != null) {
      headers.put(name, value);
    }
  }

  /**
   * The event of a record's headers and value; the inverse of {@link #of}.
   *
   * @throws IllegalArgumentException naming the first attribute that is missing or malformed
   */
  public static Event parse(Map<String, String> headers, byte[] value) {
    String inputs = headers.get("ce_inputs");
    var lineage =
        new Lineage(
            required(headers, "ce_correlationid"),
            headers.get("ce_causationid"),
            required(headers, "ce_actor"),
            headers.get("ce_traceparent"));
    return new Event(
        required(headers, "ce_id"),
        required(headers, "ce_source"),
        required(headers, "ce_type"),
        required(headers, "ce_subject"),
        Instant.parse(required(headers, "ce_time")),
        lineage,
        Long.parseLong(required(headers, "ce_sequence")),
        inputs == null ? null : InputRuns.parse(inputs),
        Integer.parseInt(headers.getOrDefault("ce_deciderversion", "0")),
        ByteString.copyFrom(value));
  }

  private static String required(Map<String, String> headers, String name) {
    String value = headers.get(name);
    if (value == null) {
      throw new IllegalArgumentException("record lacks the header " + name);
    }
    return value;
  }
}
