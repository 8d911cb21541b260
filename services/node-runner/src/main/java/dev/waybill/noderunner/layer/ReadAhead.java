package dev.waybill.noderunner.layer;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A stream that a thread of its own reads some way ahead. Inflating and hashing a layer takes about
 * as long as making its files: so the two are done at the same time.
 */
final class ReadAhead extends InputStream {
  private static final int PIECES = 8;
  private static final int PIECE_BYTES = 128 * 1024;

  private sealed interface Piece {
    record Bytes(byte[] buffer, int length) implements Piece {}

    record End() implements Piece {}

    record Broken(Exception cause) implements Piece {}
  }

  private final InputStream in;
  private final BlockingQueue<Piece> ready = new ArrayBlockingQueue<>(PIECES + 1);
  private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(PIECES);
  private final Thread thread;
  private Piece current = new Piece.Bytes(new byte[0], 0);
  private int position;

  private ReadAhead(InputStream in) {
    this.in = in;
    for (int i = 0; i < PIECES; i++) {
      free.add(new byte[PIECE_BYTES]);
    }
    thread = Thread.ofPlatform().name("unpack-ahead").unstarted(this::run);
  }

  /** The same bytes; nobody else may read {@code in} before this is at its end or closed. */
  static ReadAhead of(InputStream in) {
    var ahead = new ReadAhead(in);
    ahead.thread.start();
    return ahead;
  }

  private void run() {
    try {
      while (true) {
        byte[] buffer = free.take();
        int length = in.readNBytes(buffer, 0, buffer.length);
        if (length == 0) {
          ready.put(new Piece.End());
          return;
        }
        ready.put(new Piece.Bytes(buffer, length));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed: nobody waits for more.
    } catch (IOException | RuntimeException e) {
      ready.add(new Piece.Broken(e)); // There is room: one more than there are buffers.
    }
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    Piece.@Nullable Bytes piece = piece();
    if (piece == null) {
      return -1;
    }
    int count = Math.min(length, piece.length() - position);
    System.arraycopy(piece.buffer(), position, target, offset, count);
    position += count;
    return count;
  }

  /** The piece that has bytes left, or null at the end. */
  private Piece.@Nullable Bytes piece() throws IOException {
    while (true) {
      switch (current) {
        case Piece.Bytes bytes -> {
          if (position < bytes.length()) {
            return bytes;
          }
          next(bytes);
        }
        case Piece.End() -> {
          return null;
        }
        case Piece.Broken(var cause) ->
            throw cause instanceof IOException failed ? failed : new IOException(cause);
      }
    }
  }

  private void next(Piece.Bytes done) throws IOException {
    if (done.length() > 0) {
      free.add(done.buffer());
    }
    try {
      current = ready.take();
      position = 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while unpacking", e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** Ends the reading; afterwards {@code in} is the caller's again. */
  @Override
  public void close() throws IOException {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while unpacking", e);
    }
  }
}
