package dev.waybill.allinone;

import dev.waybill.cli.Waybill;
import dev.waybill.cli.caller.Caller;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a command gave.
 *
 * @param code of its exit
 */
record CommandOutcome(int code, String out, String err) {
  /** Runs a command line for a caller without a terminal. */
  static CommandOutcome of(Path directory, Path data, String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var caller =
        new Caller(
            InputStream.nullInputStream(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            directory,
            Map.of("WAYBILL_DATA", data.toString()),
            new NoTerminal());
    int code = caller.run(() -> Waybill.execute(arguments));
    return new CommandOutcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static final class NoTerminal implements Caller.Terminal {
    @Override
    public Raw raw() {
      return () -> {};
    }

    @Override
    public Optional<Size> size() {
      return Optional.empty();
    }

    @Override
    public void onResize(Consumer<Size> listener) {
      // It has none.
    }
  }
}
