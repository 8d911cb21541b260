package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A peer's daemon: up when its log says so, ended with what it started. */
final class Daemon implements AutoCloseable {
  private static final int READY_SECONDS = 60;
  private static final int END_SECONDS = 30;

  private final Process process;

  private Daemon(Process process) {
    this.process = process;
  }

  static Daemon start(PeerNamespace namespace, List<String> command, Path log, String ready)
      throws IOException, InterruptedException {
    return whenReady(namespace.start(command, log), command.getFirst(), log, ready);
  }

  /** The same outside of the peers' namespace. */
  static Daemon start(List<String> command, Path log, String ready)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    return whenReady(process, command.getFirst(), log, ready);
  }

  private static Daemon whenReady(Process process, String name, Path log, String ready)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    while (!Files.readString(log).contains(ready)) {
      if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        process.destroy();
        throw new IllegalStateException(name + " isn't up, see " + log);
      }
    }
    return new Daemon(process);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
