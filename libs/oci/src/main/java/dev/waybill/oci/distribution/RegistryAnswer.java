package dev.waybill.oci.distribution;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What the status and headers of a registry's answer mean for the one who asked. */
public sealed interface RegistryAnswer {

  /** The content follows, from its first byte. */
  record Whole() implements RegistryAnswer {}

  /**
   * The content follows from a later byte.
   *
   * @param offset of the first byte that follows
   */
  record Part(long offset) implements RegistryAnswer {}

  /** There is no such thing, or none for us. */
  record Absent() implements RegistryAnswer {}

  /**
   * Ask again with authentication.
   *
   * @param challenges the ways that are open, none if the registry names none we know
   */
  record Unauthorized(List<AuthChallenge> challenges) implements RegistryAnswer {}

  /** Authenticated or not, this isn't allowed. */
  record Forbidden() implements RegistryAnswer {}

  /**
   * Ask again elsewhere.
   *
   * @param location as sent, possibly relative
   */
  record Redirected(String location) implements RegistryAnswer {}

  /**
   * Ask again later.
   *
   * @param status 408, 429 or 5xx
   * @param delay how much later, zero if the registry doesn't say
   */
  record Busy(int status, Duration delay) implements RegistryAnswer {}

  /**
   * Anything else.
   *
   * @param status of HTTP
   */
  record Unexpected(int status) implements RegistryAnswer {}

  /**
   * Reads an answer.
   *
   * @param header looks a header up by name, in any case
   * @param now to turn a date of {@code Retry-After} into a delay
   */
  static RegistryAnswer read(int status, Function<String, Optional<String>> header, Instant now) {
    return switch (status) {
      case 200, 201, 202, 204 -> new Whole();
      case 206 -> part(header.apply("Content-Range").orElse(""));
      case 301, 302, 303, 307, 308 ->
          header
              .apply("Location")
              .<RegistryAnswer>map(Redirected::new)
              .orElseGet(() -> new Unexpected(status));
      case 401 ->
          new Unauthorized(AuthChallenge.parse(header.apply("WWW-Authenticate").orElse("")));
      case 403 -> new Forbidden();
      case 404 -> new Absent();
      case 408, 429, 500, 502, 503, 504 ->
          new Busy(status, delay(header.apply("Retry-After").orElse(""), now));
      default -> new Unexpected(status);
    };
  }

  private static RegistryAnswer part(String contentRange) {
    int dash = contentRange.indexOf('-');
    if (!contentRange.startsWith("bytes ") || dash < 0) {
      return new Unexpected(206);
    }
    try {
      return new Part(Long.parseLong(contentRange.substring("bytes ".length(), dash).strip()));
    } catch (NumberFormatException notANumber) {
      return new Unexpected(206);
    }
  }

  private static Duration delay(String retryAfter, Instant now) {
    if (retryAfter.isEmpty()) {
      return Duration.ZERO;
    }
    if (retryAfter.chars().allMatch(c -> c >= '0' && c <= '9') && retryAfter.length() < 10) {
      return Duration.ofSeconds(Long.parseLong(retryAfter));
    }
    try {
      Instant until =
          ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    } catch (DateTimeParseException notADate) {
      return Duration.ZERO; // A hint that can't be read is no hint; the caller's own delay stands.
    }
  }
}
