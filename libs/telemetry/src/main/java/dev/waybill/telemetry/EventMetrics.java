package dev.waybill.telemetry;

import com.google.protobuf.Message;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.Recorded;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Numbers folded from the events that it is shown, in Prometheus' text form. Safe to read from any
 * thread.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">Exposition
 *     formats</a>
 */
public final class EventMetrics {
  private static final int WAITING_MAX = 10_000;
  private static final double[] SECONDS = {0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60};

  private final Map<MetricName, SortedMap<String, Double>> series = new EnumMap<>(MetricName.class);
  private final long[] buckets = new long[SECONDS.length];

  /**
   * When containers were asked for that have not started; the oldest go when there are too many.
   */
  private final Map<String, Instant> waiting =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > WAITING_MAX;
        }
      };

  private long starts;
  private double startSeconds;

  /** Counts one event. */
  public synchronized void add(Recorded recorded) {
    Event event = recorded.event();
    String service = EventSpans.service(event.source());
    add(MetricName.EVENTS, "service=\"%s\",type=\"%s\"".formatted(service, event.simpleType()));
    if (event.deciderVersion() != 0) {
      add(MetricName.DECISIONS, "service=\"%s\"".formatted(service));
    }
    of(MetricName.LOG_DELAY_SECONDS)
        .put(
            "service=\"%s\"".formatted(service),
            Math.max(0, seconds(event.time(), recorded.appendedAt())));
    event.payload().ifPresent(payload -> add(payload, recorded.appendedAt()));
  }

  private void add(Message payload, Instant at) {
    switch (payload) {
      case ContainerRequested requested -> waiting.put(requested.getContainerId(), at);
      case ContainerStarted started -> started(started.getContainerId(), at);
      case ContainerExited exited ->
          add(MetricName.EXITS, outcome(exited.getExitCode() == 0 ? "good" : "bad"));
      case ImagePulled _ -> add(MetricName.PULLS, outcome("good"));
      case ImagePullFailed _ -> add(MetricName.PULLS, outcome("bad"));
      default -> {}
    }
  }

  /** Only the first start counts: a restart is not waited for by whoever asked. */
  private void started(String container, Instant at) {
    Instant asked = waiting.remove(container);
    if (asked != null) {
      double took = seconds(asked, at);
      starts++;
      startSeconds += took;
      for (int i = 0; i < SECONDS.length; i++) {
        buckets[i] += took <= SECONDS[i] ? 1 : 0;
      }
    }
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }

  private static String outcome(String word) {
    return "outcome=\"%s\"".formatted(word);
  }

  private void add(MetricName metric, String labels) {
    of(metric).merge(labels, 1.0, Double::sum);
  }

  private SortedMap<String, Double> of(MetricName metric) {
    return series.computeIfAbsent(metric, ignored -> new TreeMap<>());
  }

  /** All metrics as Prometheus reads them. */
  public synchronized String text() {
    var text = new StringBuilder();
    for (MetricName metric : EnumSet.complementOf(EnumSet.of(MetricName.SPANS))) {
      text.append("# HELP %s %s\n".formatted(metric.text(), metric.help()));
      text.append("# TYPE %s %s\n".formatted(metric.text(), metric.kind()));
      of(metric).forEach((labels, value) -> line(text, metric.text() + "{" + labels + "}", value));
      if (metric == MetricName.START_SECONDS) {
        histogram(text, metric.text());
      }
    }
    return text.toString();
  }

  private void histogram(StringBuilder text, String name) {
    for (int i = 0; i < SECONDS.length; i++) {
      line(text, "%s_bucket{le=\"%s\"}".formatted(name, SECONDS[i]), buckets[i]);
    }
    line(text, name + "_bucket{le=\"+Inf\"}", starts);
    line(text, name + "_sum", startSeconds);
    line(text, name + "_count", starts);
  }

  private static void line(StringBuilder text, String series, double value) {
    text.append(series).append(' ');
    text.append(
        value == Math.rint(value)
            ? String.format(Locale.ROOT, "%.0f", value)
            : String.format(Locale.ROOT, "%.6f", value));
    text.append('\n');
  }
}
