package dev.waybill.nativerunner.cli;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The socket on which the command line asks the warm service. Only root can reach it: its file has
 * mode 0600, and a plan is of no use to anybody else.
 */
public final class CompilerSocket implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CompilerSocket.class.getName());

  private final ServerSocketChannel listener;
  private final PlanDesk desk;
  private final Path path;

  private CompilerSocket(ServerSocketChannel listener, PlanDesk desk, Path path) {
    this.listener = listener;
    this.desk = desk;
    this.path = path;
  }

  /** Begins to answer. */
  public static CompilerSocket open(Path path, PlanDesk desk) throws IOException {
    Files.deleteIfExists(path);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(path));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    CompilerSocket socket = new CompilerSocket(listener, desk, path);
    Thread.ofPlatform().daemon().name("compiler-accept").start(socket::accept);
    Thread.ofPlatform().daemon().name("compiler-warm-up").start(desk::warmUp);
    return socket;
  }

  private void accept() {
    while (true) {
      try {
        SocketChannel client = listener.accept();
        Thread.ofVirtual().name("compiler").start(() -> serve(client));
      } catch (AsynchronousCloseException closed) {
        return;
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException e) {
        LOG.log(Level.WARNING, "compiler connection not accepted", e);
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      Request request = Request.read(Channels.newInputStream(client));
      desk.answer(request).write(Channels.newOutputStream(client));
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
