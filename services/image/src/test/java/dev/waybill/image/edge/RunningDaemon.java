package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that other programs talk to: up when it says so. */
final class RunningDaemon implements AutoCloseable {
  private static final long END_SECONDS = 20;

  private final Process process;
  private final String name;

  private RunningDaemon(Process process, String name) {
    this.process = process;
    this.name = name;
  }

  /**
   * Starts it and waits.
   *
   * @param ready part of the line that says so
   */
  static RunningDaemon start(String ready, List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader output = process.inputReader();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.contains(ready)) {
        // What it says further must not hold it up.
        Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
        return new RunningDaemon(process, command.getFirst());
      }
    }
    throw new IOException(command.getFirst() + " ended before it was ready");
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(END_SECONDS, TimeUnit.SECONDS)).as(name + " ends").isTrue();
  }
}
