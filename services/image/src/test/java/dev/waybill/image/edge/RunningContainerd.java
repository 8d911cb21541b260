package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A containerd with everything of its own in a directory. */
final class RunningContainerd implements AutoCloseable {
  private static final long END_SECONDS = 20;

  private final Process process;
  private final BufferedReader output;
  private final Path socket;

  private RunningContainerd(Process process, BufferedReader output, Path socket) {
    this.process = process;
    this.output = output;
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
    Process process =
        new ProcessBuilder("containerd", "--config", configuration.toString())
            .redirectErrorStream(true)
            .start();
    RunningContainerd started = new RunningContainerd(process, process.inputReader(), socket);
    started.awaitReady();
    return started;
  }

  private void awaitReady() throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.contains("containerd successfully booted")) {
        Thread.ofVirtual().start(this::drain); // What it says further must not hold it up.
        return;
      }
    }
    throw new IOException("containerd ended before it was ready");
  }

  private void drain() {
    output.lines().forEach(_ -> {});
  }

  ClientProgram.Ended ctr(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("ctr", "-a", socket.toString()));
    command.addAll(List.of(arguments));
    return ClientProgram.run(command.toArray(String[]::new));
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(END_SECONDS, TimeUnit.SECONDS)).as("containerd ends").isTrue();
  }
}
