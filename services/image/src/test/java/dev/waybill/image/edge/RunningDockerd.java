package dev.waybill.image.edge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A dockerd with everything of its own in a directory, and without networks. */
final class RunningDockerd implements AutoCloseable {
  private final RunningDaemon daemon;
  private final Path directory;

  private RunningDockerd(RunningDaemon daemon, Path directory) {
    this.daemon = daemon;
    this.directory = directory;
  }

  static RunningDockerd start(Path directory) throws IOException {
    Files.createDirectories(directory);
    return new RunningDockerd(
        RunningDaemon.start(
            "API listen on",
            List.of(
                "dockerd",
                "--data-root=" + directory.resolve("data"),
                "--exec-root=" + directory.resolve("exec"),
                "--pidfile=" + directory.resolve("pid"),
                "--host=" + host(directory),
                "--storage-driver=vfs",
                "--bridge=none",
                "--iptables=false",
                "--ip6tables=false")),
        directory);
  }

  private static String host(Path directory) {
    return "unix://" + directory.resolve("d.sock");
  }

  ClientProgram.Ended docker(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("docker", "--config=" + directory.resolve("client"), "-H", host(directory)));
    command.addAll(List.of(arguments));
    return ClientProgram.run(command.toArray(String[]::new));
  }

  @Override
  public void close() throws InterruptedException {
    daemon.close();
  }
}
