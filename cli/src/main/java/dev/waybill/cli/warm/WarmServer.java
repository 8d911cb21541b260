package dev.waybill.cli.warm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import jdk.net.ExtendedSocketOptions;

/**
 * Takes calls on a unix socket from the user that this process belongs to, and from nobody else.
 */
public final class WarmServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WarmServer.class.getName());

  private static final int PATH_BYTES_MAX = 106;

  private final Path socket;
  private final ServerSocketChannel server;
  private final Command command;
  private final Thread thread;

  /** Runs a command line for the current caller; gives the exit code. */
  public interface Command {
    int run(String... arguments);
  }

  private WarmServer(Path socket, ServerSocketChannel server, Command command) {
    this.socket = socket;
    this.server = server;
    this.command = command;
    this.thread = Thread.ofPlatform().daemon().name("warm-commands").start(this::accept);
  }

  /**
   * Whether a socket can have this path; the kernel keeps 108 bytes for it (unix(7)), of which the
   * JDK uses two less.
   */
  public static boolean canListen(Path socket) {
    return socket.toString().getBytes(StandardCharsets.UTF_8).length <= PATH_BYTES_MAX;
  }

  /** Listens; what another process left at the path is replaced. */
  public static WarmServer open(Path socket, Command command) throws IOException {
    Files.deleteIfExists(socket);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      return new WarmServer(socket, server, command);
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void accept() {
    while (true) {
      try {
        SocketChannel connection = server.accept();
        if (isOurs(connection)) {
          Thread.ofVirtual().name("command").start(new WarmCall(connection, command)::run);
        } else {
          connection.close();
        }
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.log(System.Logger.Level.WARNING, "no command was taken", e);
      }
    }
  }

  /** The socket's mode says so too, from a moment after it was bound. */
  private static boolean isOurs(SocketChannel connection) throws IOException {
    String caller = connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
    return caller.equals(System.getProperty("user.name"));
  }

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(socket);
      thread.join();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + socket, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
