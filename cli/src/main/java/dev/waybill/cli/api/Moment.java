package dev.waybill.cli.api;

import dev.waybill.cli.CliException;
import dev.waybill.kernel.Durations;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * Moments as people give them: RFC 3339, {@code 10m} ago, {@code yesterday}, a date, {@code now}.
 */
public final class Moment {
  private Moment() {}

  /** The instant that is meant; days are UTC's. */
  public static Instant parse(String text, InstantSource clock) {
    Instant now = clock.instant();
    LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    try {
      return switch (text) {
        case "now" -> now;
        case "today" -> today.atStartOfDay(ZoneOffset.UTC).toInstant();
        case "yesterday" -> today.minusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        default -> {
          if (text.matches("\\d{4}-\\d{2}-\\d{2}")) {
            yield LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
          }
          yield text.contains("T") ? Instant.parse(text) : now.minus(Durations.parse(text));
        }
      };
    } catch (DateTimeException | IllegalArgumentException e) {
      throw CliException.usage(
          "'%s' is no time, write it like 2026-01-31T12:00:00Z, 10m or yesterday".formatted(text));
    }
  }
}
