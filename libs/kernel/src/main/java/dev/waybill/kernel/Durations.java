package dev.waybill.kernel;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 10s}, {@code 1m30s}, {@code 500ms}, {@code 2h}. */
public final class Durations {
  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|us|d|h|m|s)");

  private Durations() {}

  /**
   * @throws IllegalArgumentException if it is none
   */
  public static Duration parse(String text) {
    Matcher part = PART.matcher(text);
    double millis = 0;
    int end = 0;
    while (part.find() && part.start() == end) {
      millis += Double.parseDouble(part.group(1)) * millisOf(part.group(2));
      end = part.end();
    }
    if (text.isEmpty() || end != text.length()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no duration, write it like 10s, 1m30s or 500ms");
    }
    return Duration.ofNanos(Math.round(millis * 1e6));
  }

  private static double millisOf(String unit) {
    return switch (unit) {
      case "us" -> 0.001;
      case "ms" -> 1;
      case "s" -> 1_000;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      case "d" -> 86_400_000;
      default -> throw new IllegalStateException("unit " + unit);
    };
  }
}
