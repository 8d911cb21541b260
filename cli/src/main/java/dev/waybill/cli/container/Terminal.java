package dev.waybill.cli.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The user's terminal: raw while a program in a container owns it. */
final class Terminal implements AutoCloseable {
  private final Optional<String> before;

  private Terminal(Optional<String> before) {
    this.before = before;
  }

  /** Rows and columns. */
  record Size(int rows, int columns) {}

  /** Makes the terminal raw; does nothing where there is none. */
  static Terminal raw() {
    Optional<String> state = System.console() == null ? Optional.empty() : stty("-g");
    state.ifPresent(ignored -> stty("raw", "-echo"));
    return new Terminal(state);
  }

  /** Leaves the terminal as it is. */
  static Terminal untouched() {
    return new Terminal(Optional.empty());
  }

  static Optional<Size> size() {
    return stty("size")
        .filter(text -> text.matches("\\d+ \\d+"))
        .map(text -> text.split(" ", 2))
        .map(parts -> new Size(Integer.parseInt(parts[0]), Integer.parseInt(parts[1])));
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

  @Override
  public void close() {
    before.ifPresent(Terminal::stty);
  }
}
