package dev.waybill.image.scrub;

import java.time.Duration;

/**
 * How much of what was set aside is kept.
 *
 * @param age that the oldest may have
 * @param bytes that all of it may have
 */
public record QuarantineLimits(Duration age, long bytes) {
  public QuarantineLimits {
    if (age.isNegative() || bytes < 0) {
      throw new IllegalArgumentException(
          "what is set aside has an age and a size, not " + age + " and " + bytes);
    }
  }
}
