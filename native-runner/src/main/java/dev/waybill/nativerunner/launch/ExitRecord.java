package dev.waybill.nativerunner.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a process ended, as its monitor recorded it.
 *
 * @param code exit code, or 128 + signal
 * @param signal that ended it; 0 for none
 * @param atNs when, in Unix nanoseconds
 * @param logLostBytes what could not be written to the log
 */
public record ExitRecord(int code, int signal, long atNs, long logLostBytes) {
  private static final String NAME = "exit";

  /** Reads the record of a state directory; empty while the process runs. */
  public static Optional<ExitRecord> read(Path stateDir) throws IOException {
    String text;
    try {
      text = Files.readString(stateDir.resolve(NAME));
    } catch (NoSuchFileException running) {
      return Optional.empty();
    }
    Map<String, Long> values = new HashMap<>();
    for (String word : text.strip().split(" ")) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        values.put(word.substring(0, equals), Long.parseLong(word.substring(equals + 1)));
      }
    }
    return Optional.of(
        new ExitRecord(
            Math.toIntExact(values.getOrDefault("code", 0L)),
            Math.toIntExact(values.getOrDefault("signal", 0L)),
            values.getOrDefault("time", 0L),
            values.getOrDefault("log_lost", 0L)));
  }
}
