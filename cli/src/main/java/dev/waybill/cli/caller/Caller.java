package dev.waybill.cli.caller;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whom a command runs for. Mostly this process's own user; in a warm platform somebody whose
 * command runs as one thread among many, so commands never touch {@link System}'s streams.
 *
 * @param directory what relative paths are relative to
 */
public record Caller(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Path directory,
    Map<String, String> environment,
    Terminal terminal) {
  private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

  /** The user's terminal. */
  public interface Terminal {
    /** Rows and columns. */
    record Size(int rows, int columns) {}

    /** Hands the terminal to a program in a container until it is closed; nothing where none is. */
    Raw raw();

    Optional<Size> size();

    /** Tells each new size, on any thread, for as long as the command runs; one listener only. */
    void onResize(Consumer<Size> listener);

    /** Gives the terminal back. */
    interface Raw extends AutoCloseable {
      @Override
      void close();
    }
  }

  /** What a command does. */
  public interface Work {
    int run();
  }

  /** Of the command that this thread runs. */
  public static Caller current() {
    return CURRENT.isBound() ? CURRENT.get() : OwnProcess.CALLER;
  }

  /** Runs a command for this caller. */
  public int run(Work command) {
    return ScopedValue.where(CURRENT, this).call(command::run);
  }

  /** A path as the caller means it. */
  public static Path path(String path) {
    return current().directory().resolve(path).normalize();
  }

  /** A variable of the caller's environment. */
  public static Optional<String> variable(String name) {
    return Optional.ofNullable(current().environment().get(name));
  }

  /** Where the command's output goes. */
  public static PrintStream stdout() {
    return current().out();
  }

  /** Where its complaints go. */
  public static PrintStream stderr() {
    return current().err();
  }
}
