package dev.waybill.image.edge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A containerd with everything of its own in a directory. */
final class RunningContainerd implements AutoCloseable {
  private final RunningDaemon daemon;
  private final Path socket;

  private RunningContainerd(RunningDaemon daemon, Path socket) {
    this.daemon = daemon;
    this.socket = socket;
  }

  static RunningContainerd start(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path socket = directory.resolve("c.sock");
    Path configuration =
        Files.writeString(
            directory.resolve("config.toml"),
            """
            version = 2
            root = "%1$s/root"
            state = "%1$s/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
              address = "%2$s"
            """
                .formatted(directory, socket));
    return new RunningContainerd(
        RunningDaemon.start(
            "containerd successfully booted",
            List.of("containerd", "--config", configuration.toString())),
        socket);
  }

  ClientProgram.Ended ctr(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("ctr", "-a", socket.toString()));
    command.addAll(List.of(arguments));
    return ClientProgram.run(command.toArray(String[]::new));
  }

  @Override
  public void close() throws InterruptedException {
    daemon.close();
  }
}
