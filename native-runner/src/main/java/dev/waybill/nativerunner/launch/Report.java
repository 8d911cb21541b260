package dev.waybill.nativerunner.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What the executor says about a launch: {@code struct report} of runner.h.
 *
 * @param index of the operation that failed
 * @param errno why it failed
 * @param pid the new process
 * @param pidStart its start time in ticks since boot
 * @param begunNs when the executor began, on the clock of {@link System#nanoTime()}
 * @param hostNs time of the host phase; so for the others
 * @param detail more about the failure; may be empty
 */
record Report(
    Kind kind,
    int index,
    int errno,
    int pid,
    long pidStart,
    long begunNs,
    long hostNs,
    long parentNs,
    long containerNs,
    long startNs,
    String detail) {

  /** How a launch went. */
  enum Kind {
    READY,
    FAILED,
    MALFORMED
  }

  private static final int DETAIL_BYTES = 160;
  static final int BYTES = 4 * 4 + 2 * 8 + 4 * 8 + DETAIL_BYTES;

  static Report parse(byte[] bytes) throws IOException {
    if (bytes.length != BYTES) {
      throw new IOException(
          "the executor ended after %d of %d bytes of its report".formatted(bytes.length, BYTES));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int kind = in.getInt();
    if (kind < 1 || kind > Kind.values().length) {
      throw new IOException("the executor's report has unknown kind " + kind);
    }
    int index = in.getInt();
    int errno = in.getInt();
    int pid = in.getInt();
    long start = in.getLong();
    long begun = in.getLong();
    long host = in.getLong();
    long parent = in.getLong();
    long container = in.getLong();
    long started = in.getLong();
    int length = 0;
    while (length < DETAIL_BYTES && bytes[in.position() + length] != 0) {
      length++;
    }
    String detail = new String(bytes, in.position(), length, StandardCharsets.UTF_8).strip();
    return new Report(
        Kind.values()[kind - 1],
        index,
        errno,
        pid,
        start,
        begun,
        host,
        parent,
        container,
        started,
        detail);
  }
}
