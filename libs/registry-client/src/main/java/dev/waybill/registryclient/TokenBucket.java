package dev.waybill.registryclient;

import java.time.Duration;
import java.time.Instant;

/**
 * Time for bytes at a rate. Whoever took some is told how long to wait before taking more; all who
 * take from one bucket together get no more than the rate, over any time, but for what each holds
 * in hand. Time is given, and may stand still or go back.
 */
final class TokenBucket {
  private final long bytesPerSecond;
  private Instant paid = Instant.MIN;

  /**
   * @param bytesPerSecond 1 or more
   */
  TokenBucket(long bytesPerSecond) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "a bandwidth of %d bytes per second, it must be 1 or more".formatted(bytesPerSecond));
    }
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Takes these bytes; how long it is from {@code now} until they are paid for. */
  synchronized Duration take(Instant now, int bytes) {
    paid = (paid.isAfter(now) ? paid : now).plusNanos(nanos(bytes));
    return Duration.between(now, paid);
  }

  private long nanos(int bytes) {
    return Math.round(bytes * 1e9 / bytesPerSecond);
  }
}
