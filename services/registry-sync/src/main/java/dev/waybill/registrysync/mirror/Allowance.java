package dev.waybill.registrysync.mirror;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry says it will still answer us: {@code RateLimit-Remaining: 76;w=21600} as Docker
 * Hub writes it, with {@code RateLimit-Reset: 300} where it says when the count begins anew, or
 * both in one, {@code RateLimit: "default";r=76;t=300}.
 *
 * @param remaining requests that are left
 * @param renewed until there are more
 * @see <a href="https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/">RateLimit
 *     header fields for HTTP</a>
 */
public record Allowance(long remaining, Duration renewed) {
  /** Requests that are left to containers, which can't wait as the mirror can. */
  public static final int RESERVE = 10;

  private static final Duration RENEWED_MAX = Duration.ofHours(6);
  private static final Pattern COUNT = Pattern.compile("\\s*(\\d{1,9})\\s*(?:;.*)?");
  private static final Pattern WINDOW = Pattern.compile(".*;\\s*w=(\\d{1,9})\\b.*");
  private static final Pattern LEFT = Pattern.compile(".*\\br=(\\d{1,9})\\b.*");
  private static final Pattern TIME = Pattern.compile(".*\\bt=(\\d{1,9})\\b.*");

  public Allowance {
    renewed = renewed.compareTo(RENEWED_MAX) > 0 ? RENEWED_MAX : renewed;
  }

  /** Reads the headers of an answer; nothing where they say nothing that we understand. */
  public static Optional<Allowance> read(Function<String, Optional<String>> header) {
    Optional<String> remaining = header.apply("RateLimit-Remaining");
    if (remaining.isPresent()) {
      long window = number(WINDOW, remaining.get()).orElse(0L);
      long reset =
          header.apply("RateLimit-Reset").flatMap(text -> number(COUNT, text)).orElse(window);
      return number(COUNT, remaining.get()).map(left -> of(left, reset));
    }
    return header
        .apply("RateLimit")
        .flatMap(text -> number(LEFT, text).map(left -> of(left, number(TIME, text).orElse(0L))));
  }

  private static Allowance of(long remaining, long seconds) {
    return new Allowance(remaining, Duration.ofSeconds(seconds));
  }

  private static Optional<Long> number(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.matches() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
  }

  /** For how long the mirror stays away; not at all while there is more than the reserve. */
  public Duration stayAway() {
    return remaining > RESERVE ? Duration.ZERO : renewed;
  }
}
