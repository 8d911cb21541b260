package dev.waybill.telemetry;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A finished piece of work.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 * @param parentId 16 hexadecimal digits; empty for the first of its trace
 * @param name verb or event, for people
 * @param service who did it
 * @param attributes under {@code waybill.*} and {@code messaging.*}
 */
public record TraceSpan(
    String traceId,
    String spanId,
    String parentId,
    String name,
    String service,
    Instant start,
    Instant end,
    SortedMap<String, String> attributes) {
  public TraceSpan {
    if (traceId.length() != 32 || spanId.length() != 16) {
      throw new IllegalArgumentException("no trace context: " + traceId + "-" + spanId);
    }
    if (end.isBefore(start)) {
      throw new IllegalArgumentException(name + " ends " + end + ", before its start " + start);
    }
    attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
  }
}
