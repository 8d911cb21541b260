package dev.waybill.registrysync.mirror;

import java.time.Duration;
import java.time.Instant;

/**
 * When to look again: after a good look at the interval; after a failed one later and later, and
 * never before the registry wants to be asked.
 */
public final class Pace {
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int DOUBLINGS_MAX = 16;

  private Pace() {}

  /**
   * @param interval of the policy; zero means only when somebody asks
   * @param stayAway what the registry asks for
   * @return {@link Instant#MAX} for never by itself
   */
  public static Instant afterSuccess(Instant now, Duration interval, Duration stayAway) {
    if (interval.isZero()) {
      return Instant.MAX;
    }
    return now.plus(longer(interval, stayAway));
  }

  /**
   * A policy without an interval is tried again, too: somebody asked for that look.
   *
   * @param failures in a row, 1 or more
   */
  public static Instant afterFailure(
      Instant now, Duration interval, int failures, Duration stayAway) {
    Duration first = interval.isZero() || interval.compareTo(FIRST) > 0 ? FIRST : interval;
    Duration longest = longer(interval, LONGEST);
    Duration doubled = first.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS_MAX));
    return now.plus(longer(doubled.compareTo(longest) > 0 ? longest : doubled, stayAway));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
