package dev.waybill.nativerunner.service;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A client of an attach socket. */
final class AttachClient implements AutoCloseable {
  private final SocketChannel socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private int exit = -1;

  AttachClient(String path) throws IOException {
    socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    socket.connect(UnixDomainSocketAddress.of(path));
    in = new DataInputStream(Channels.newInputStream(socket));
    out = new DataOutputStream(Channels.newOutputStream(socket));
  }

  private void send(int stream, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(frame);
    data.writeByte(stream);
    data.writeInt(payload.length);
    data.write(payload);
    out.write(frame.toByteArray());
  }

  void stdin(String text) throws IOException {
    send(0, text.getBytes(StandardCharsets.UTF_8));
  }

  void stdinEnd() throws IOException {
    send(5, new byte[0]);
  }

  void resize(int rows, int columns) throws IOException {
    send(3, new byte[] {(byte) (rows >> 8), (byte) rows, (byte) (columns >> 8), (byte) columns});
  }

  /** Reads one frame; false when the monitor has gone. */
  boolean readFrame() throws IOException {
    int stream = in.read();
    if (stream < 0) {
      return false;
    }
    byte[] payload = in.readNBytes(in.readInt());
    switch (stream) {
      case 1 -> stdout.writeBytes(payload);
      case 2 -> stderr.writeBytes(payload);
      case 4 -> exit = payload[3] & 0xff;
      default -> throw new IOException("unexpected stream " + stream);
    }
    return true;
  }

  AttachClient readToEnd() throws IOException {
    while (readFrame()) {
      continue;
    }
    return this;
  }

  void readUntil(String text) throws IOException {
    while (!stdout().contains(text) && readFrame()) {
      continue;
    }
  }

  String stdout() {
    return stdout.toString(StandardCharsets.UTF_8);
  }

  String stderr() {
    return stderr.toString(StandardCharsets.UTF_8);
  }

  int exit() {
    return exit;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
