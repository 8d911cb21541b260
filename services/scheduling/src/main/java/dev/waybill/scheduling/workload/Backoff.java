package dev.waybill.scheduling.workload;

import java.time.Duration;

/**
 * How long to wait before the next attempt: nothing after the first end, then half a second,
 * doubled with each further end that came soon after its start, up to a minute.
 */
public final class Backoff {
  /** Who ran this long has not failed soon: the count begins anew. */
  public static final Duration GOOD_RUN = Duration.ofSeconds(10);

  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final int DOUBLINGS_MAX = 7;

  private Backoff() {}

  /** The wait before the attempt that follows {@code failures} soon ends in a row. */
  public static Duration after(int failures) {
    if (failures <= 1) {
      return Duration.ZERO;
    }
    Duration doubled = FIRST.multipliedBy(1L << Math.min(failures - 2, DOUBLINGS_MAX));
    return doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
  }

  /** The count of soon ends after one more end. */
  public static int failuresAfter(int failures, long ranMs) {
    return ranMs >= GOOD_RUN.toMillis() ? 1 : failures + 1;
  }
}
