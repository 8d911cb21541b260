package dev.waybill.image.edge;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * Sends what a blocking thread reads. One piece is read while the one before it is on its way, and
 * no more: a client that is slow holds its source back, not the memory.
 */
final class StreamedBody {
  private static final int PIECE_BYTES = 128 * 1024;

  private StreamedBody() {}

  /**
   * Sends {@code length} bytes and ends the response. If either side breaks off, the response is
   * cut, so that nobody takes a part of it for the whole.
   *
   * @return why it broke off, if it did
   */
  static Optional<String> send(HttpServerResponse response, InputStream content, long length) {
    try {
      copy(response, content, length);
      return Optional.empty();
    } catch (IOException e) {
      response.reset();
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static void copy(HttpServerResponse response, InputStream content, long length)
      throws IOException {
    Future<Void> before = Future.succeededFuture();
    for (long left = length; left > 0; ) {
      byte[] piece = content.readNBytes((int) Math.min(PIECE_BYTES, left));
      if (piece.length == 0) {
        throw new EOFException("the content ends " + left + " bytes early");
      }
      left -= piece.length;
      await(before);
      before = response.write(Buffer.buffer(piece));
    }
    await(before);
    await(response.end());
  }

  private static void await(Future<Void> written) throws IOException {
    try {
      written.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IOException("the client left: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("stopping", e);
    }
  }
}
