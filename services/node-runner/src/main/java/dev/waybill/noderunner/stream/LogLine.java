package dev.waybill.noderunner.stream;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * One record of a container's log: {@code TIME STREAM F|P TEXT}, the format of CRI.
 *
 * @param stream 1 for standard output, 2 for standard error
 * @param text without a line break where {@code partial} says that the line goes on
 */
public record LogLine(Instant time, int stream, boolean partial, byte[] text) {

  /** Reads one record; empty for what is none, as the torn last line after a crash. */
  static Optional<LogLine> parse(byte[] line) {
    int first = indexOf(line, ' ', 0);
    int second = first < 0 ? -1 : indexOf(line, ' ', first + 1);
    int third = second < 0 ? -1 : indexOf(line, ' ', second + 1);
    if (third < 0) {
      return Optional.empty();
    }
    try {
      Instant time = Instant.parse(new String(line, 0, first, StandardCharsets.US_ASCII));
      int stream =
          new String(line, first + 1, second - first - 1, StandardCharsets.US_ASCII)
                  .equals("stderr")
              ? 2
              : 1;
      boolean partial = line[second + 1] == 'P';
      byte[] text = new byte[line.length - third - 1 + (partial ? 0 : 1)];
      System.arraycopy(line, third + 1, text, 0, line.length - third - 1);
      if (!partial) {
        text[text.length - 1] = '\n';
      }
      return Optional.of(new LogLine(time, stream, partial, text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static int indexOf(byte[] bytes, char wanted, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
