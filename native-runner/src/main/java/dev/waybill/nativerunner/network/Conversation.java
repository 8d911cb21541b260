package dev.waybill.nativerunner.network;

import dev.waybill.nativerunner.sys.Errno;
import dev.waybill.nativerunner.sys.NetlinkSocket;
import dev.waybill.nativerunner.sys.SyscallException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Asks the kernel by netlink, one question at a time. */
final class Conversation implements AutoCloseable {
  static final int ROUTE = 0;
  static final int NETFILTER = 12;
  private static final int ERROR = 2;
  private static final int DONE = 3;

  private final NetlinkSocket socket;
  private int sequence;

  private Conversation(NetlinkSocket socket) {
    this.socket = socket;
  }

  static Conversation open(int protocol) throws IOException {
    return new Conversation(NetlinkSocket.open(protocol));
  }

  /** One message of the kernel, without its header. */
  record Heard(int type, ByteBuffer body) {}

  /**
   * Has something done.
   *
   * @param what for the error message
   */
  void ask(Message message, String what) throws IOException {
    Errno errno = tryAsk(message, Set.of(), what);
    if (errno.number() != 0) {
      throw new IllegalStateException("no errno was to be tolerated, got " + errno);
    }
  }

  /** The same, where some errors are answers; errno 0 is success. */
  Errno tryAsk(Message message, Set<Errno> answers, String what) throws IOException {
    socket.send(message.bytes(++sequence));
    while (true) {
      for (Heard heard : split(socket.receive(), sequence)) {
        if (heard.type() == ERROR) {
          Errno errno = new Errno(-heard.body().getInt(0));
          if (errno.number() == 0 || answers.contains(errno)) {
            return errno;
          }
          throw new SyscallException("netlink", what, errno.number());
        }
      }
    }
  }

  /** Everything that the kernel tells about a question with the flag DUMP. */
  List<Heard> dump(Message message, String what) throws IOException {
    socket.send(message.bytes(++sequence));
    List<Heard> all = new ArrayList<>();
    while (true) {
      for (Heard heard : split(socket.receive(), sequence)) {
        if (heard.type() == DONE) {
          return all;
        }
        if (heard.type() == ERROR) {
          throw new SyscallException("netlink", what, -heard.body().getInt(0));
        }
        all.add(heard);
      }
    }
  }

  /**
   * Sends a transaction: all of it is done or nothing.
   *
   * @param messages the last but one asks for an acknowledgement, which ends the transaction
   */
  void transact(List<Message> messages, String what) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int first = sequence + 1;
    for (Message message : messages) {
      out.writeBytes(message.bytes(++sequence));
    }
    int acknowledged = sequence - 1;
    socket.send(out.toByteArray());
    while (true) {
      byte[] datagram = socket.receive();
      for (int s = first; s <= acknowledged; s++) {
        for (Heard heard : split(datagram, s)) {
          int errno = heard.type() == ERROR ? -heard.body().getInt(0) : 0;
          if (errno != 0) {
            throw new SyscallException("netlink", what + " (message " + (s - first) + ")", errno);
          }
          if (heard.type() == ERROR && s == acknowledged) {
            return;
          }
        }
      }
    }
  }

  private static List<Heard> split(byte[] datagram, int sequence) {
    List<Heard> messages = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
    while (in.remaining() >= Message.HEADER_BYTES) {
      int start = in.position();
      int length = in.getInt(start);
      if (length < Message.HEADER_BYTES || length > in.remaining()) {
        break;
      }
      int type = in.getShort(start + 4) & 0xffff;
      int answered = in.getInt(start + 8);
      ByteBuffer body =
          in.slice(start + Message.HEADER_BYTES, length - Message.HEADER_BYTES)
              .order(ByteOrder.nativeOrder());
      if (answered == sequence) {
        messages.add(new Heard(type, body));
      }
      in.position(Math.min(datagram.length, start + (length + 3) / 4 * 4));
    }
    return messages;
  }

  @Override
  public void close() {
    socket.close();
  }
}
