package dev.waybill.telemetry;

import com.google.protobuf.Message;
import dev.waybill.contracts.node.ContainerCreated;
import dev.waybill.contracts.node.LaunchTimes;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.Recorded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes spans of events: from the moment that the log took the cause to the moment that it took the
 * event. A span's id is in the event's traceparent, its parent's in the cause's. Not thread-safe.
 */
public final class EventSpans {
  /** How many events are remembered as possible causes. */
  private static final int CAUSES_MAX = 100_000;

  private final Map<String, Cause> causes =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Cause> eldest) {
          return size() > CAUSES_MAX;
        }
      };

  private record Cause(String spanId, Instant appendedAt) {}

  /** The spans that end with this event; none if it belongs to no sampled trace. */
  public List<TraceSpan> of(Recorded recorded) {
    Event event = recorded.event();
    String traceparent = event.lineage().traceparent();
    if (traceparent == null || traceparent.length() != 55 || traceparent.endsWith("-00")) {
      return List.of();
    }
    String causeId = event.lineage().causationId();
    Cause cause = causeId == null ? null : causes.get(causeId);
    causes.put(event.id(), new Cause(spanId(traceparent), recorded.appendedAt()));
    var spans = new ArrayList<TraceSpan>();
    spans.add(span(recorded, traceparent, cause));
    event.payload().ifPresent(payload -> phases(spans, event, traceparent, payload));
    return List.copyOf(spans);
  }

  private static TraceSpan span(Recorded recorded, String traceparent, @Nullable Cause cause) {
    Event event = recorded.event();
    Instant end = recorded.appendedAt();
    Instant start = cause == null ? event.time() : cause.appendedAt();
    var attributes = new TreeMap<String, String>();
    attributes.put("messaging.system", "kafka");
    attributes.put("messaging.destination.name", recorded.partition().topic().topicName());
    attributes.put("waybill.event.id", event.id());
    attributes.put("waybill.subject", event.subject());
    attributes.put("waybill.correlation", event.lineage().correlationId());
    return new TraceSpan(
        traceId(traceparent),
        spanId(traceparent),
        cause == null ? "" : cause.spanId(),
        "write " + event.simpleType(),
        service(event.source()),
        // The log's clock and the writer's may differ by a moment.
        start.isAfter(end) ? end : start,
        end,
        attributes);
  }

  /**
   * native-runner has no network: the node reports what its phases took. They follow one another up
   * to the report; the container phase runs inside the parent's.
   */
  private static void phases(
      List<TraceSpan> spans, Event event, String traceparent, Message payload) {
    if (payload instanceof ContainerCreated created) {
      LaunchTimes times = created.getTimes();
      Instant end = event.time();
      end = phase(spans, event, traceparent, "start", end, times.getStartNs());
      phase(spans, event, traceparent, "container", end, times.getContainerNs());
      end = phase(spans, event, traceparent, "parent", end, times.getParentNs());
      end = phase(spans, event, traceparent, "host", end, times.getHostNs());
      end = phase(spans, event, traceparent, "spawn", end, times.getSpawnNs());
      phase(spans, event, traceparent, "compile", end, times.getCompileNs());
    }
  }

  private static Instant phase(
      List<TraceSpan> spans,
      Event event,
      String traceparent,
      String name,
      Instant end,
      long durationNs) {
    Instant start = end.minus(Duration.ofNanos(durationNs));
    String own = EventIds.traceparent(traceparent, event.id() + "/" + name);
    if (durationNs > 0 && own != null) {
      spans.add(
          new TraceSpan(
              traceId(traceparent),
              spanId(own),
              spanId(traceparent),
              "launch " + name,
              "native-runner",
              start,
              end,
              new TreeMap<>(Map.of("waybill.subject", event.subject()))));
    }
    return start;
  }

  private static String traceId(String traceparent) {
    return traceparent.substring(3, 35);
  }

  private static String spanId(String traceparent) {
    return traceparent.substring(36, 52);
  }

  /** The writer by the name of its service; a node writes as {@code /cells/local/nodes/n1}. */
  static String service(String source) {
    String[] parts = source.split("/", -1);
    String own = parts.length > 3 ? parts[3] : source;
    return own.equals("nodes") ? "node-runner" : own;
  }
}
