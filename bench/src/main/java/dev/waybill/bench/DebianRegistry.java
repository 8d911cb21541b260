package dev.waybill.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Debian's docker-registry on the loopback address, of the host and where asked of the peers'
 * namespace too: there it is a second process over the same files with the same port, so that all
 * engines pull by one name.
 */
final class DebianRegistry implements AutoCloseable {
  static final String PROGRAM = "docker-registry";

  private final String host;
  private final List<Daemon> processes;

  private DebianRegistry(String host, List<Daemon> processes) {
    this.host = host;
    this.processes = processes;
  }

  static DebianRegistry start(Path directory) throws IOException, InterruptedException {
    String host = freeHost();
    List<String> command = command(directory, host);
    Path log = directory.resolve("host.log");
    return new DebianRegistry(host, List.of(Daemon.start(command, log, ready(host))));
  }

  static DebianRegistry start(Path directory, PeerNamespace namespace)
      throws IOException, InterruptedException {
    String host = freeHost();
    List<String> command = command(directory, host);
    namespace.time(List.of("ip", "link", "set", "lo", "up"));
    List<Daemon> processes = new ArrayList<>();
    processes.add(Daemon.start(command, directory.resolve("host.log"), ready(host)));
    processes.add(Daemon.start(namespace, command, directory.resolve("peers.log"), ready(host)));
    return new DebianRegistry(host, processes);
  }

  private static String freeHost() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }

  private static List<String> command(Path directory, String host) throws IOException {
    Path configuration = Files.createDirectories(directory).resolve("registry.yml");
    Files.writeString(
        configuration,
        """
        version: 0.1
        log:
          level: info
          accesslog:
            disabled: true
        storage:
          filesystem:
            rootdirectory: %s
        http:
          addr: %s
        """
            .formatted(directory.resolve("content"), host));
    return List.of(PROGRAM, "serve", configuration.toString());
  }

  private static String ready(String host) {
    return "listening on " + host;
  }

  /** Its name in references. */
  String host() {
    return host;
  }

  URI address() {
    return URI.create("http://" + host);
  }

  @Override
  public void close() throws InterruptedException {
    for (Daemon process : processes) {
      process.close();
    }
  }
}
