package dev.waybill.nativerunner.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A netlink socket in the network namespace of the thread that opens it. One thread uses it. */
public final class NetlinkSocket implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 02000000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int BUFFER_BYTES = 4 << 20;
  private static final int RECEIVE_BYTES = 64 << 10;
  private static final long TIMEOUT_S = 10;
  private static final int ADDRESS_BYTES = 12;

  private final Fd fd;

  private NetlinkSocket(Fd fd) {
    this.fd = fd;
  }

  /**
   * Opens a socket.
   *
   * @param protocol 0 for routing, 12 for netfilter
   */
  public static NetlinkSocket open(int protocol) throws IOException {
    Fd fd =
        LinuxKernel.own(
            Libc.SOCKET.call(
                "socket", "netlink " + protocol, AF_NETLINK, SOCK_RAW_CLOEXEC, protocol, 0));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, BUFFER_BYTES);
      for (int option : new int[] {SO_SNDBUFFORCE, SO_RCVBUFFORCE}) {
        Libc.SETSOCKOPT.call(
            "setsockopt", "buffer", fd.number(), SOL_SOCKET, option, size.address(), 4, 0);
      }
      MemorySegment time = arena.allocateFrom(ValueLayout.JAVA_LONG, TIMEOUT_S, 0L);
      Libc.SETSOCKOPT.call(
          "setsockopt", "timeout", fd.number(), SOL_SOCKET, SO_RCVTIMEO, time.address(), 16, 0);
      MemorySegment address = arena.allocate(ADDRESS_BYTES);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
      Libc.BIND.call("bind", "netlink", fd.number(), address.address(), ADDRESS_BYTES, 0);
      return new NetlinkSocket(fd);
    } catch (IOException e) {
      fd.close();
      throw e;
    }
  }

  /** Sends one or more messages at once. */
  public void send(byte[] messages) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, messages);
      Libc.SENDTO.call("sendto", "netlink", fd.number(), bytes.address(), messages.length, 0, 0, 0);
    }
  }

  /** The next datagram; fails after ten seconds of silence. */
  public byte[] receive() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(RECEIVE_BYTES);
      long n = Libc.RECV.call("recv", "netlink", fd.number(), buffer.address(), RECEIVE_BYTES, 0);
      return buffer.asSlice(0, (int) n).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @Override
  public void close() {
    fd.close();
  }
}
