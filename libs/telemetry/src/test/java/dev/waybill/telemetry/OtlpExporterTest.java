package dev.waybill.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Instant;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OtlpExporterTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final TraceSpan SPAN =
      new TraceSpan("a".repeat(32), "b".repeat(16), "", "write", "test", NOW, NOW, new TreeMap<>());

  private static URI nobody() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }

  @Test
  void spans_that_nobody_takes_are_dropped_and_counted_and_no_caller_waits() throws Exception {
    var exporter = new OtlpExporter(nobody());
    for (int i = 0; i < 20_000; i++) {
      exporter.offer(SPAN);
    }
    exporter.close();
    assertThat(exporter.exported()).isZero();
    assertThat(exporter.dropped()).isEqualTo(20_000);
  }
}
