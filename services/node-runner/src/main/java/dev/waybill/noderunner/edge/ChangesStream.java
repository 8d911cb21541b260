package dev.waybill.noderunner.edge;

import dev.waybill.contracts.runner.v1.PauseRequest;
import dev.waybill.contracts.runner.v1.ResumeRequest;
import dev.waybill.noderunner.agent.NodeAgent;
import dev.waybill.oci.layer.LayerArchive;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * What a container wrote, as a tar archive of a layer; {@code notAfter}, in seconds since 1970,
 * sets later times of change back. A running container stands still meanwhile.
 */
final class ChangesStream {
  private static final int PIECE_BYTES = 64 * 1024;

  private final HttpServerResponse response;
  private final NodeAgent agent;
  private final String containerId;
  private final Instant notAfter;

  ChangesStream(RoutingContext context, NodeAgent agent, String containerId) {
    this.response = context.response();
    this.agent = agent;
    this.containerId = containerId;
    this.notAfter = instant(context.queryParam("notAfter"));
  }

  private static Instant instant(List<String> values) {
    return values.isEmpty() || !values.getFirst().matches("\\d{1,11}")
        ? Instant.MAX
        : Instant.ofEpochSecond(Long.parseLong(values.getFirst()));
  }

  void send() throws IOException {
    boolean pauses = agent.runs(containerId);
    if (pauses) {
      agent.runner().containers().pause(PauseRequest.newBuilder().setId(containerId).build());
    }
    try {
      write();
    } finally {
      if (pauses) {
        agent.runner().containers().resume(ResumeRequest.newBuilder().setId(containerId).build());
      }
    }
    response.end();
  }

  private void write() throws IOException {
    var entries = agent.changes(containerId, notAfter);
    response.setChunked(true);
    response.putHeader("Content-Type", "application/x-tar");
    try (OutputStream out = new Pieces()) {
      LayerArchive.write(entries, out);
    }
  }

  /** Waits for each piece to be sent: a slow reader holds this thread, not the node's memory. */
  private final class Pieces extends OutputStream {
    private Buffer piece = Buffer.buffer(PIECE_BYTES);

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      piece.appendBytes(bytes, offset, length);
      if (piece.length() >= PIECE_BYTES) {
        send();
      }
    }

    private void send() throws IOException {
      try {
        response.write(piece).toCompletionStage().toCompletableFuture().join();
      } catch (CompletionException e) {
        throw new IOException("the reader went away", e);
      }
      piece = Buffer.buffer(PIECE_BYTES);
    }

    @Override
    public void close() throws IOException {
      if (piece.length() > 0) {
        send();
      }
    }
  }
}
