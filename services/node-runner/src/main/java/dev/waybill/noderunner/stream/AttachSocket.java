package dev.waybill.noderunner.stream;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The standard streams of a process, as its monitor serves them on a unix socket: frames of one
 * byte for the stream, four for the length (big-endian), and the payload.
 */
public final class AttachSocket implements AutoCloseable {
  /** To the process. */
  public static final int STDIN = 0;

  /** A terminal's new size, to the process: rows and columns, two bytes each. */
  public static final int RESIZE = 3;

  /** The exit code, four bytes, from the process. */
  public static final int EXIT = 4;

  /** No more input will come, to the process. */
  public static final int STDIN_END = 5;

  private static final int HEADER_BYTES = 5;
  private static final int PAYLOAD_BYTES_MAX = 1024 * 1024;

  private final SocketChannel channel;

  /** One frame. */
  public record Frame(int stream, byte[] payload) {}

  public AttachSocket(Path socket) throws IOException {
    this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** The next frame; empty at the end. */
  public Optional<Frame> read() throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    if (!fill(header)) {
      return Optional.empty();
    }
    int stream = header.get() & 0xFF;
    int length = header.getInt();
    if (length < 0 || length > PAYLOAD_BYTES_MAX) {
      throw new IOException("a monitor sent a frame of " + length + " bytes");
    }
    ByteBuffer payload = ByteBuffer.allocate(length);
    return fill(payload) ? Optional.of(new Frame(stream, payload.array())) : Optional.empty();
  }

  private boolean fill(ByteBuffer buffer) throws IOException {
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          return false;
        }
      }
      buffer.flip();
      return true;
    } catch (ClosedChannelException e) {
      return false;
    }
  }

  /** Sends a frame; safe beside a read on another thread. */
  public synchronized void write(int stream, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + payload.length);
    frame.put((byte) stream).putInt(payload.length).put(payload).flip();
    while (frame.hasRemaining()) {
      channel.write(frame);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
