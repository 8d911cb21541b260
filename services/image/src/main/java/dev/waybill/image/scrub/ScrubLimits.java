package dev.waybill.image.scrub;

import java.time.Duration;

/**
 * How hard the store is read for damage.
 *
 * @param period in which each blob is read once
 * @param bytesPerSecond that are read at most
 */
public record ScrubLimits(Duration period, long bytesPerSecond) {
  public ScrubLimits {
    if (period.isNegative() || period.isZero() || bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "scrubbing needs a period and a rate, not " + period + " and " + bytesPerSecond);
    }
  }

  /** How long it takes to read this much. */
  Duration pace(long bytes) {
    return Duration.ofNanos(Math.round(1e9 * bytes / bytesPerSecond));
  }
}
