package dev.waybill.kernel;

import java.time.InstantSource;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** UUIDv7 from a clock and a source of randomness, strictly growing within one instance. */
public final class TimeOrderedIds implements IdSource {
  private static final int COUNTER_BITS = 12;

  private final InstantSource clock;
  private final RandomGenerator random;
  private long last;

  public TimeOrderedIds(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  @Override
  public synchronized String next() {
    // Milliseconds and a counter in one number: more than 4096 ids in a millisecond borrow from the
    // next.
    last = Math.max(last + 1, clock.millis() << COUNTER_BITS);
    long high = last >>> COUNTER_BITS << 16 | 0x7000L | last & 0x0FFFL;
    long low = random.nextLong() >>> 2 | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }
}
