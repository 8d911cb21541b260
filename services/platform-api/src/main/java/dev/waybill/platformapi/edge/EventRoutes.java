package dev.waybill.platformapi.edge;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.CausalCursor;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.EventJson;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.platformapi.intent.Problem;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * /v1/events: the log as server-sent events.
 *
 * <p>Each event's id is the reader's whole position ({@code topic/n:next,…}); a client that comes
 * again with it as {@code Last-Event-ID} misses nothing and gets nothing twice.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">Server-sent
 *     events</a>
 */
final class EventRoutes {
  private static final Duration TURN = Duration.ofMillis(500);

  private final EventLog log;

  EventRoutes(EventLog log) {
    this.log = log;
  }

  void mount(Route route) {
    route.get("/v1/events", this::stream);
  }

  private void stream(Exchange exchange) {
    Predicate<Recorded> wanted = filter(exchange);
    boolean follow = exchange.flag("follow");
    Map<Partition, Long> from = start(exchange);
    Map<Partition, Long> ends = new TreeMap<>();
    from.keySet().forEach(partition -> ends.put(partition, log.end(partition)));
    HttpServerResponse response = exchange.context().response();
    var closed = new AtomicBoolean();
    response.closeHandler(ignored -> closed.set(true));
    response
        .setChunked(true)
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store");
    response.write(": waybill events\n\n");
    try (Cursor cursor = new CausalCursor(log, from)) {
      while (!closed.get() && (follow || !isRead(cursor, ends))) {
        for (Recorded recorded : cursor.poll(TURN)) {
          from.put(recorded.partition(), recorded.offset() + 1);
          if (wanted.test(recorded)) {
            response.write(
                "id: %s\nevent: %s\ndata: %s\n\n"
                    .formatted(
                        position(from), recorded.event().simpleType(), EventJson.of(recorded)));
          }
        }
        awaitDrain(response, closed);
      }
    }
    response.end();
  }

  private static boolean isRead(Cursor cursor, Map<Partition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> cursor.position(end.getKey()) >= end.getValue());
  }

  /** A slow reader holds this thread, not the server's memory. */
  private static void awaitDrain(HttpServerResponse response, AtomicBoolean closed) {
    if (!response.writeQueueFull()) {
      return;
    }
    var drained = new CountDownLatch(1);
    response.drainHandler(ignored -> drained.countDown());
    try {
      while (!closed.get() && response.writeQueueFull()) {
        drained.await(100, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed.set(true);
    }
  }

  private static String position(Map<Partition, Long> next) {
    return next.entrySet().stream()
        .map(entry -> entry.getKey() + ":" + entry.getValue())
        .collect(Collectors.joining(","));
  }

  private Map<Partition, Long> start(Exchange exchange) {
    String last = exchange.context().request().getHeader("Last-Event-ID");
    if (last != null && !last.isBlank()) {
      return resume(last);
    }
    Instant since = exchange.query("since").map(EventRoutes::instant).orElse(null);
    boolean fromNow = exchange.flag("follow") && since == null;
    var from = new TreeMap<Partition, Long>();
    for (Topic topic : Topic.values()) {
      if (topic.keeping() == Topic.Keeping.FOR_GOOD) {
        for (Partition partition : log.partitions(topic)) {
          from.put(
              partition,
              since != null ? log.offsetAt(partition, since) : fromNow ? log.end(partition) : 0L);
        }
      }
    }
    return from;
  }

  private static Map<Partition, Long> resume(String lastEventId) {
    try {
      var from = new TreeMap<Partition, Long>();
      for (String part : lastEventId.split(",", -1)) {
        int colon = part.lastIndexOf(':');
        from.put(
            Partition.parse(part.substring(0, colon)), Long.parseLong(part.substring(colon + 1)));
      }
      return from;
    } catch (RuntimeException e) {
      throw new Problem.Raised(
          Problem.invalid("Last-Event-ID is none that this stream gave out, leave it out"));
    }
  }

  private static Predicate<Recorded> filter(Exchange exchange) {
    Pattern type = glob(exchange.query("type").orElse("*"));
    Pattern subject = glob(exchange.query("subject").orElse("*"));
    String correlation = exchange.query("correlation").orElse("");
    Instant until = exchange.query("until").map(EventRoutes::instant).orElse(Instant.MAX);
    return recorded ->
        (type.matcher(recorded.event().type()).matches()
                || type.matcher(recorded.event().simpleType()).matches())
            && subject.matcher(recorded.event().subject()).matches()
            && (correlation.isEmpty()
                || recorded.event().lineage().correlationId().equals(correlation))
            && recorded.appendedAt().isBefore(until);
  }

  private static Pattern glob(String glob) {
    return Pattern.compile(Pattern.quote(glob).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q"));
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new Problem.Raised(
          Problem.invalid("'%s' is no time, write it like 2026-01-31T12:00:00Z".formatted(text)));
    }
  }
}
