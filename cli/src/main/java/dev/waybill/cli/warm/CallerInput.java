package dev.waybill.cli.warm;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** The caller's input: asked for with the first read, so that an idle terminal is left alone. */
final class CallerInput extends InputStream {
  private static final int FRAMES = 16;

  private final BlockingQueue<byte[]> frames = new ArrayBlockingQueue<>(FRAMES);
  private final Wanted wanted;
  private byte[] current = new byte[0];
  private int next;
  private boolean asked;
  private boolean ended;

  /** Told once, when input is wanted. */
  interface Wanted {
    void ask() throws IOException;
  }

  CallerInput(Wanted wanted) {
    this.wanted = wanted;
  }

  /** Takes what the caller sent; an empty array is the end. Waits while too much is unread. */
  void offer(byte[] bytes) throws InterruptedException {
    frames.put(bytes);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    if (!advance()) {
      return -1;
    }
    int count = Math.min(length, current.length - next);
    System.arraycopy(current, next, buffer, offset, count);
    next += count;
    return count;
  }

  private boolean advance() throws IOException {
    if (!asked) {
      asked = true;
      wanted.ask();
    }
    if (next == current.length && !ended) {
      try {
        current = frames.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (IOException) new InterruptedIOException("the caller went away").initCause(e);
      }
      next = 0;
      ended = current.length == 0;
    }
    return !ended;
  }
}
