package dev.waybill.audit.edge;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.CausalCursor;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.telemetry.EventMetrics;
import dev.waybill.telemetry.EventSpans;
import dev.waybill.telemetry.OtlpExporter;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows the log from now on: counts its events, and where there is a collector sends it a span
 * for each, so that no service has to measure or to reach a collector itself.
 */
final class LogFollower implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LogFollower.class);
  private static final Duration TURN = Duration.ofMillis(500);

  private final @Nullable OtlpExporter exporter;
  private final EventMetrics metrics = new EventMetrics();
  private final EventSpans spans = new EventSpans();
  private final Cursor cursor;
  private final Thread thread;
  private volatile boolean stopping;

  LogFollower(EventLog log, Optional<URI> collector) {
    this.exporter = collector.map(OtlpExporter::new).orElse(null);
    this.cursor = new CausalCursor(log, ends(log));
    this.thread = Thread.ofPlatform().name("log follower").daemon().start(this::run);
  }

  private static Map<Partition, Long> ends(EventLog log) {
    Map<Partition, Long> ends = new TreeMap<>();
    for (Topic topic : Topic.values()) {
      if (topic.keeping() == Topic.Keeping.FOR_GOOD) {
        log.partitions(topic).forEach(partition -> ends.put(partition, log.end(partition)));
      }
    }
    return ends;
  }

  private void run() {
    try {
      while (!stopping) {
        for (Recorded recorded : cursor.poll(TURN)) {
          metrics.add(recorded);
          if (exporter != null) {
            spans.of(recorded).forEach(exporter::offer);
          }
        }
      }
    } catch (RuntimeException e) {
      // Traces and metrics are views of the log and can be done without: the service goes on.
      LOG.errorf(e, "traces and metrics end here, restart audit to have them again");
    }
  }

  /** In Prometheus' text form. */
  String metrics() {
    String text = metrics.text();
    return exporter == null ? text : text + exporter.metrics();
  }

  @Override
  public void close() {
    stopping = true;
    cursor.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    cursor.close();
    if (exporter != null) {
      exporter.close();
      LOG.infof("traces ended exported=%d dropped=%d", exporter.exported(), exporter.dropped());
    }
  }
}
