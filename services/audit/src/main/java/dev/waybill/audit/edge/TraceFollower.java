package dev.waybill.audit.edge;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.CausalCursor;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.telemetry.EventSpans;
import dev.waybill.telemetry.OtlpExporter;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * Follows the log from now on and sends its traces to a collector: one span for each event of each
 * service, so that no service has to measure or to reach a collector itself.
 */
final class TraceFollower implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(TraceFollower.class);
  private static final Duration TURN = Duration.ofMillis(500);

  private final OtlpExporter exporter;
  private final EventSpans spans = new EventSpans();
  private final Cursor cursor;
  private final Thread thread;
  private volatile boolean stopping;

  TraceFollower(EventLog log, URI collector) {
    this.exporter = new OtlpExporter(collector);
    this.cursor = new CausalCursor(log, ends(log));
    this.thread = Thread.ofPlatform().name("trace follower").daemon().start(this::run);
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
          spans.of(recorded).forEach(exporter::offer);
        }
      }
    } catch (RuntimeException e) {
      // Traces are a view of the log and can be done without: the service goes on.
      LOG.errorf(e, "traces end here, restart audit to have them again");
    }
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
    exporter.close();
    LOG.infof("traces ended exported=%d dropped=%d", exporter.exported(), exporter.dropped());
  }
}
