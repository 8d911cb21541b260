package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.sys.Fd;
import dev.waybill.nativerunner.sys.ReadyNetworks;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The socket on which the command line asks the warm service. Only root can reach it: its file has
 * mode 0600, and a plan is of no use to anybody else.
 */
public final class CompilerSocket implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CompilerSocket.class.getName());

  private static final int ACCEPTING_MAX = 4;

  private final ServerSocketChannel listener;
  private final PlanDesk desk;
  private final ReadyNetworks networks;
  private final Path path;
  private final AtomicInteger accepting = new AtomicInteger();

  private CompilerSocket(
      ServerSocketChannel listener, PlanDesk desk, ReadyNetworks networks, Path path) {
    this.listener = listener;
    this.desk = desk;
    this.networks = networks;
    this.path = path;
  }

  /** Begins to answer, and gives network namespaces along as long as there are. */
  public static CompilerSocket open(Path path, PlanDesk desk, ReadyNetworks networks)
      throws IOException {
    Files.deleteIfExists(path);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(path));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    CompilerSocket socket = new CompilerSocket(listener, desk, networks, path);
    socket.startAnswering();
    Thread.ofPlatform().daemon().name("compiler-warm-up").start(desk::warmUp);
    return socket;
  }

  /**
   * Accepts and serves on the same thread, for handing a connection over takes as long as a short
   * plan. Whoever is the last to accept has a successor before it serves.
   */
  private void answer() {
    while (true) {
      try {
        SocketChannel client = listener.accept();
        if (accepting.decrementAndGet() == 0) {
          startAnswering();
        }
        serve(client);
        if (accepting.incrementAndGet() > ACCEPTING_MAX) {
          accepting.decrementAndGet();
          return;
        }
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException e) {
        LOG.log(Level.WARNING, "compiler connection not accepted", e);
      }
    }
  }

  private void startAnswering() {
    accepting.incrementAndGet();
    Thread.ofPlatform().daemon().name("compiler").start(this::answer);
  }

  private void serve(SocketChannel client) {
    try (client) {
      InputStream in = Channels.newInputStream(client);
      OutputStream out = Channels.newOutputStream(client);
      Reply reply = desk.answer(Request.read(in));
      Optional<Fd> network =
          reply instanceof Reply.Plan p && p.network() ? networks.take() : Optional.empty();
      if (network.isEmpty()) {
        reply.write(out);
        return;
      }
      try (Fd lent = network.get()) {
        reply.write(out, Integer.toString(lent.number()));
        in.read(); // ends when the other side has its own descriptor, or is gone
      }
    } catch (EOFException gone) {
      // Who deletes a container only looks whether anybody answers.
    } catch (IOException e) {
      LOG.log(Level.WARNING, "compiler request not answered", e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(path);
    desk.removeEmptyCgroupParents();
  }
}
