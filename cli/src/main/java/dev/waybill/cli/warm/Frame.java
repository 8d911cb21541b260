package dev.waybill.cli.warm;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * What goes over the socket: a letter, the payload's length as four bytes, the payload.
 *
 * @see <a href="file:../../../../../c/relay.c">relay.c, the other end</a>
 */
record Frame(char type, byte[] payload) {
  /** To us: directory, terminal's rows and columns, arguments and environment. */
  static final char CALL = 'C';

  /** To us: bytes of the caller's input; none is its end. */
  static final char INPUT = 'I';

  /** To us: the terminal's new rows and columns, two bytes each. */
  static final char SIZE = 'S';

  /** From us: bytes for its output. */
  static final char OUT = 'O';

  /** From us: bytes for its errors. */
  static final char ERR = 'E';

  /** From us: its input is wanted from now on. */
  static final char WANT_INPUT = 'W';

  /** From us: one byte, whether the terminal is to be raw. */
  static final char RAW = 'T';

  /** From us: one byte, the exit code; the last frame. */
  static final char EXIT = 'X';

  private static final int HEADER_BYTES = 5;
  private static final int PAYLOAD_BYTES_MAX = 4 << 20;

  /** The next frame, or null at the end of the connection. */
  static @Nullable Frame read(SocketChannel from) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    if (from.read(header) < 0) {
      return null;
    }
    fill(from, header);
    char type = (char) header.get();
    int length = header.getInt();
    if (length < 0 || length > PAYLOAD_BYTES_MAX) {
      throw new IOException("a frame of " + length + " bytes is no frame");
    }
    ByteBuffer payload = ByteBuffer.allocate(length);
    fill(from, payload);
    return new Frame(type, payload.array());
  }

  private static void fill(SocketChannel from, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (from.read(buffer) < 0) {
        throw new EOFException("the connection ended within a frame");
      }
    }
    buffer.flip();
  }

  /** The frame as it is sent. */
  static ByteBuffer encode(char type, byte[] bytes, int offset, int length) {
    return ByteBuffer.allocate(HEADER_BYTES + length)
        .put((byte) type)
        .putInt(length)
        .put(bytes, offset, length)
        .flip();
  }
}
