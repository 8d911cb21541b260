package dev.waybill.telemetry;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends spans to a collector by OTLP over HTTP, in batches from a thread of its own. Never blocks
 * the caller: what doesn't fit, or what the collector doesn't take, is dropped and counted.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#otlphttp">OTLP/HTTP</a>
 */
public final class OtlpExporter implements AutoCloseable {
  private static final int QUEUE_MAX = 10_000;
  private static final int BATCH_MAX = 512;
  private static final Duration TURN = Duration.ofMillis(200);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final BlockingQueue<TraceSpan> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
  private final AtomicLong exported = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
  private final URI target;
  private final Thread thread;
  private volatile boolean closing;

  /**
   * @param endpoint the collector's base address, for example {@code http://127.0.0.1:4318}
   */
  public OtlpExporter(URI endpoint) {
    this.target = URI.create(endpoint.toString().replaceFirst("/$", "") + "/v1/traces");
    this.thread = Thread.ofVirtual().name("otlp exporter").start(this::run);
  }

  /** Takes a span, or drops it if the collector is too slow. */
  public void offer(TraceSpan span) {
    if (!queue.offer(span)) {
      dropped.incrementAndGet();
    }
  }

  /** Spans that the collector took. */
  public long exported() {
    return exported.get();
  }

  /** Spans that got lost on the way. */
  public long dropped() {
    return dropped.get();
  }

  /** Both counts as Prometheus reads them. */
  public String metrics() {
    String name = MetricName.SPANS.text();
    return """
        # HELP %1$s %2$s
        # TYPE %1$s counter
        %1$s{outcome="exported"} %3$d
        %1$s{outcome="dropped"} %4$d
        """
        .formatted(name, MetricName.SPANS.help(), exported(), dropped());
  }

  private void run() {
    var batch = new ArrayList<TraceSpan>();
    try {
      while (!closing || !queue.isEmpty()) {
        TraceSpan first = queue.poll(TURN.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, BATCH_MAX - 1);
          send(batch);
          batch.clear();
        }
      }
    } catch (InterruptedException e) {
      dropped.addAndGet(batch.size() + queue.size());
      Thread.currentThread().interrupt();
    }
  }

  private void send(List<TraceSpan> batch) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(target)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/x-protobuf")
            .POST(HttpRequest.BodyPublishers.ofByteArray(encode(batch).toByteArray()))
            .build();
    try {
      int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      (status / 100 == 2 ? exported : dropped).addAndGet(batch.size());
    } catch (IOException e) {
      // A collector that is away is no fault of the platform: its spans are counted as lost.
      dropped.addAndGet(batch.size());
    }
  }

  private static ExportTraceServiceRequest encode(List<TraceSpan> batch) {
    var byService = new TreeMap<String, ResourceSpans.Builder>();
    for (TraceSpan span : batch) {
      ResourceSpans.Builder of = byService.computeIfAbsent(span.service(), OtlpExporter::resource);
      of.getScopeSpansBuilder(0).addSpans(encode(span));
    }
    var request = ExportTraceServiceRequest.newBuilder();
    byService.values().forEach(request::addResourceSpans);
    return request.build();
  }

  private static ResourceSpans.Builder resource(String service) {
    ResourceSpans.Builder spans =
        ResourceSpans.newBuilder()
            .setResource(Resource.newBuilder().addAttributes(attribute("service.name", service)));
    spans.addScopeSpansBuilder().getScopeBuilder().setName("dev.waybill");
    return spans;
  }

  private static Span encode(TraceSpan span) {
    Span.Builder encoded =
        Span.newBuilder()
            .setTraceId(bytes(span.traceId()))
            .setSpanId(bytes(span.spanId()))
            .setParentSpanId(bytes(span.parentId()))
            .setName(span.name())
            .setKind(Span.SpanKind.SPAN_KIND_INTERNAL)
            .setStartTimeUnixNano(nanos(span.start()))
            .setEndTimeUnixNano(nanos(span.end()));
    span.attributes().forEach((key, value) -> encoded.addAttributes(attribute(key, value)));
    return encoded.build();
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  /** Sends what is queued, for a bounded time. */
  @Override
  public void close() {
    closing = true;
    try {
      if (!thread.join(TIMEOUT)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
    http.shutdownNow();
  }
}
