package dev.waybill.noderunner.dns;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A socket on each network's gateway, port 53 over UDP. */
public final class DnsServer implements AutoCloseable {
  private static final int PORT = 53;
  private static final int UPSTREAM_TIMEOUT_MS = 2_000;
  private static final int QUERIES_AT_ONCE_MAX = 256;

  private final Names names;
  private final List<InetSocketAddress> upstreams;
  private final Consumer<String> warn;
  private final Map<String, DatagramSocket> sockets = new TreeMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore permits = new Semaphore(QUERIES_AT_ONCE_MAX);
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * @param upstreams asked for names that are on no network, in order
   * @param warn told what goes wrong, one line each
   */
  public DnsServer(Names names, List<InetSocketAddress> upstreams, Consumer<String> warn) {
    this.names = names;
    this.upstreams = List.copyOf(upstreams);
    this.warn = warn;
  }

  /**
   * Serves a network on its gateway's address, which must be up.
   *
   * @throws IOException where something else answers there already
   */
  public synchronized void listen(String network, String gateway) throws IOException {
    if (sockets.containsKey(network)) {
      return;
    }
    try {
      var socket = new DatagramSocket(new InetSocketAddress(gateway, PORT));
      sockets.put(network, socket);
      Thread.ofPlatform().daemon().name("dns-" + network).start(() -> serve(network, socket));
    } catch (IOException e) {
      throw new IOException(
          "cannot answer for names of network '%s' on %s, port %d: %s; does another platform use this range?"
              .formatted(network, gateway, PORT, e.getMessage()),
          e);
    }
  }

  private void serve(String network, DatagramSocket socket) {
    byte[] buffer = new byte[DnsMessage.BYTES_MAX];
    while (!socket.isClosed()) {
      var packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
      } catch (IOException e) {
        if (!socket.isClosed()) {
          warn.accept("dns receive failed network=" + network + " error=" + e.getMessage());
        }
        continue;
      }
      // Dropped when too many are under way: the asker asks again.
      if (permits.tryAcquire()) {
        byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
        var asker = (InetSocketAddress) packet.getSocketAddress();
        threads.execute(() -> answer(network, socket, query, asker));
      }
    }
  }

  private void answer(
      String network, DatagramSocket socket, byte[] query, InetSocketAddress asker) {
    try {
      Optional<byte[]> answer =
          DnsMessage.question(query, query.length).flatMap(q -> answer(network, query, q));
      if (answer.isPresent()) {
        byte[] bytes = answer.get();
        socket.send(new DatagramPacket(bytes, bytes.length, asker));
      }
    } catch (IOException e) {
      warn.accept("dns answer failed network=" + network + " error=" + e.getMessage());
    } finally {
      permits.release();
    }
  }

  private Optional<byte[]> answer(String network, byte[] query, DnsMessage.Question question) {
    Optional<List<String>> ours = names.find(network, question.name());
    if (ours.isPresent()) {
      return Optional.of(
          DnsMessage.answer(
              query, question, question.asksForAddress() ? inTurn(ours.get()) : List.of()));
    }
    for (InetSocketAddress upstream : upstreams) {
      try {
        return Optional.of(forward(query, upstream));
      } catch (IOException e) {
        warn.accept("dns upstream failed server=" + upstream + " error=" + e.getMessage());
      }
    }
    return Optional.of(DnsMessage.failure(query, question, DnsMessage.SERVER_FAILURE));
  }

  /** Each answer begins with another address, so that simple clients spread over all. */
  private List<byte[]> inTurn(List<String> addresses) {
    var rotated = new ArrayList<byte[]>();
    for (String address : addresses) {
      rotated.add(InetAddress.ofLiteral(address).getAddress());
    }
    Collections.rotate(rotated, turn.getAndIncrement() % rotated.size());
    return rotated;
  }

  private static byte[] forward(byte[] query, InetSocketAddress upstream) throws IOException {
    try (var socket = new DatagramSocket()) {
      socket.setSoTimeout(UPSTREAM_TIMEOUT_MS);
      socket.connect(upstream);
      socket.send(new DatagramPacket(query, query.length));
      var packet = new DatagramPacket(new byte[DnsMessage.BYTES_MAX], DnsMessage.BYTES_MAX);
      socket.receive(packet);
      return Arrays.copyOf(packet.getData(), packet.getLength());
    }
  }

  @Override
  public synchronized void close() {
    sockets.values().forEach(DatagramSocket::close);
    threads.shutdownNow();
  }
}
