package dev.waybill.cli.caller;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The usual caller: who started this process. */
final class OwnProcess implements Caller.Terminal {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  static final Caller CALLER =
      new Caller(
          System.in,
          System.out,
          System.err,
          Path.of("").toAbsolutePath(),
          System.getenv(),
          new OwnProcess());

  private OwnProcess() {}

  @Override
  public Raw raw() {
    Optional<String> before = System.console() == null ? Optional.empty() : stty("-g");
    before.ifPresent(ignored -> stty("raw", "-echo"));
    return () -> before.ifPresent(OwnProcess::stty);
  }

  @Override
  public Optional<Size> size() {
    return stty("size")
        .filter(text -> text.matches("\\d+ \\d+"))
        .map(text -> text.split(" ", 2))
        .map(parts -> new Size(Integer.parseInt(parts[0]), Integer.parseInt(parts[1])));
  }

  @Override
  public void onResize(Consumer<Size> listener) {
    // The JDK has no public way to hear of SIGWINCH.
    Thread.ofVirtual().name("terminal-size").start(() -> watch(listener));
  }

  private void watch(Consumer<Size> listener) {
    Optional<Size> known = size();
    while (known.isPresent()) {
      try {
        Thread.sleep(LOOK_AGAIN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      Optional<Size> now = size();
      if (!now.equals(known)) {
        now.ifPresent(listener);
      }
      known = now;
    }
  }

  private static Optional<String> stty(String... arguments) {
    var command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.INHERIT).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return process.waitFor() == 0 ? Optional.of(text.strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
