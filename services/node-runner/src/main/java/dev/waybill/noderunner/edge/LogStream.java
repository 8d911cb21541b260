package dev.waybill.noderunner.edge;

import dev.waybill.noderunner.agent.NodeAgent;
import dev.waybill.noderunner.stream.LogLine;
import dev.waybill.noderunner.stream.LogReader;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A container's log as one HTTP answer: plain text, or with {@code format=frames} frames of one
 * byte for the stream, four for the length (big-endian) and the payload.
 */
final class LogStream {
  private static final String FRAMES = "application/vnd.waybill.frames";

  private final HttpServerResponse response;
  private final NodeAgent agent;
  private final Path file;
  private final String containerId;
  private final boolean follow;
  private final boolean frames;
  private final boolean timestamps;
  private final long tail;
  private final Instant since;
  private volatile boolean closed;

  LogStream(RoutingContext context, NodeAgent agent, Path file, String containerId) {
    this.response = context.response();
    this.agent = agent;
    this.file = file;
    this.containerId = containerId;
    this.follow = flag(context, "follow");
    this.frames = context.queryParam("format").contains("frames");
    this.timestamps = flag(context, "timestamps");
    this.tail = number(context.queryParam("tail"));
    this.since = since(context.queryParam("since"));
  }

  private static boolean flag(RoutingContext context, String name) {
    List<String> values = context.queryParam(name);
    return !values.isEmpty()
        && !values.getFirst().equals("false")
        && !values.getFirst().equals("0");
  }

  private static long number(List<String> values) {
    return values.isEmpty() || !values.getFirst().matches("\\d{1,9}")
        ? -1
        : Long.parseLong(values.getFirst());
  }

  private static Instant since(List<String> values) {
    return values.isEmpty() ? Instant.EPOCH : Instant.parse(values.getFirst());
  }

  void send() throws IOException, InterruptedException {
    response.closeHandler(ignored -> closed = true);
    response.setChunked(true);
    response.putHeader("Content-Type", frames ? FRAMES : "text/plain; charset=utf-8");
    response.writeHead();
    try (var reader = new LogReader(file)) {
      boolean more = tail < 0 ? reader.readAll(this::write) : writeTail(reader);
      if (more && follow) {
        reader.follow(this::write, () -> closed || agent.ended(containerId));
      }
    }
    if (!closed) {
      response.end();
    }
  }

  private boolean writeTail(LogReader reader) throws IOException, InterruptedException {
    var last = new ArrayDeque<LogLine>();
    reader.readAll(
        line -> {
          last.addLast(line);
          if (last.size() > tail) {
            last.removeFirst();
          }
          return true;
        });
    for (LogLine line : last) {
      if (!write(line)) {
        return false;
      }
    }
    return true;
  }

  private boolean write(LogLine line) throws InterruptedException {
    if (line.time().isBefore(since)) {
      return true;
    }
    Buffer out = Buffer.buffer();
    byte[] stamp =
        timestamps ? (line.time() + " ").getBytes(StandardCharsets.US_ASCII) : new byte[0];
    if (frames) {
      out.appendByte((byte) line.stream()).appendInt(stamp.length + line.text().length);
    }
    out.appendBytes(stamp).appendBytes(line.text());
    response.write(out);
    awaitDrain();
    return !closed;
  }

  /** A slow reader holds this thread, not the node's memory. */
  private void awaitDrain() throws InterruptedException {
    while (response.writeQueueFull() && !closed) {
      var drained = new CountDownLatch(1);
      response.drainHandler(ignored -> drained.countDown());
      drained.await(100, TimeUnit.MILLISECONDS);
    }
  }
}
