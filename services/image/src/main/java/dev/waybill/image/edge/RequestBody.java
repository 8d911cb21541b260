package dev.waybill.image.edge;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, read by a blocking thread while it arrives on an event loop. The client is
 * held back as soon as a few buffers wait, so that a fast push never fills the memory.
 */
final class RequestBody {
  private static final int BUFFERS_AHEAD = 32;

  /** Asked for together: each time it is asked, one thread wakes another. */
  private static final int BUFFERS_AT_ONCE = 16;

  private static final long IDLE_SECONDS_MAX = 60;

  private sealed interface Piece {
    record Bytes(Buffer buffer) implements Piece {}

    record End() implements Piece {}

    record Broken(Throwable cause) implements Piece {}
  }

  private final HttpServerRequest request;
  private final Context eventLoop;
  // Room for everything that was asked for and the end, so the event loop never waits.
  private final BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(2 * BUFFERS_AHEAD + 2);
  private boolean ended;
  private int taken;

  private RequestBody(HttpServerRequest request, Context eventLoop) {
    this.request = request;
    this.eventLoop = eventLoop;
  }

  /** Takes the body over; call it on the event loop, before anything of the body is lost. */
  static RequestBody of(HttpServerRequest request) {
    RequestBody body =
        new RequestBody(
            request, Objects.requireNonNull(Vertx.currentContext(), "not on an event loop"));
    request.pause();
    request.handler(buffer -> body.pieces.add(new Piece.Bytes(buffer)));
    request.endHandler(_ -> body.pieces.add(new Piece.End()));
    request.exceptionHandler(failure -> body.pieces.offer(new Piece.Broken(failure)));
    request.fetch(BUFFERS_AHEAD);
    return body;
  }

  /** The next bytes, or null at the end. */
  @Nullable ByteBuffer next() throws IOException {
    if (ended) {
      return null;
    }
    return switch (take()) {
      case Piece.Bytes(var buffer) -> {
        fetchMore();
        yield view(buffer);
      }
      case Piece.End() -> {
        ended = true;
        yield null;
      }
      case Piece.Broken(var cause) -> {
        ended = true;
        throw new IOException("the client went away", cause);
      }
    };
  }

  /**
   * Asked for on the event loop: from another thread the body may end between a look and the call.
   */
  private void fetchMore() {
    taken++;
    if (taken % BUFFERS_AT_ONCE == 0) {
      eventLoop.runOnContext(
          _ -> {
            if (!request.isEnded()) {
              request.fetch(BUFFERS_AT_ONCE);
            }
          });
    }
  }

  /** The bytes where they are: a copy of every byte pushed would be the alternative. */
  @SuppressWarnings("deprecation") // Vert.x 4 has no other way to the bytes of a buffer.
  private static ByteBuffer view(Buffer buffer) {
    return buffer.getByteBuf().nioBuffer();
  }

  private Piece take() throws IOException {
    try {
      @Nullable Piece piece = pieces.poll(IDLE_SECONDS_MAX, TimeUnit.SECONDS);
      if (piece == null) {
        throw new IOException("the client sent nothing for " + IDLE_SECONDS_MAX + " s");
      }
      return piece;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("stopping", e);
    }
  }
}
