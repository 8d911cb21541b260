package dev.waybill.registryclient;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** How fast bytes may come from one registry, or under one cap, over all connections. */
public final class Bandwidth {
  private static final Duration WAIT_MAX = Duration.ofSeconds(5);
  private static final int CHUNKS_PER_SECOND = 8;

  private final OptionalLong bytesPerSecond;
  private final Map<String, TokenBucket> lanes = new ConcurrentHashMap<>();

  private Bandwidth(OptionalLong bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** As fast as they come. */
  public static Bandwidth unlimited() {
    return new Bandwidth(OptionalLong.empty());
  }

  /**
   * @param bytesPerSecond from each registry; none for no limit
   */
  public static Bandwidth perRegistry(OptionalLong bytesPerSecond) {
    if (bytesPerSecond.isPresent() && bytesPerSecond.getAsLong() < 1) {
      throw new IllegalArgumentException(
          "a registry's bandwidth is %d bytes per second, it must be 1 or more"
              .formatted(bytesPerSecond.getAsLong()));
    }
    return new Bandwidth(bytesPerSecond);
  }

  boolean isLimited() {
    return bytesPerSecond.isPresent();
  }

  /** The most that is read at once, so that connections share and no wait is long. */
  int chunk(int wanted) {
    long chunk = Math.max(1, bytesPerSecond.orElse(Long.MAX_VALUE) / CHUNKS_PER_SECOND);
    return (int) Math.min(wanted, chunk);
  }

  /** Waits for as long as these bytes, which have come, should have taken. */
  void took(String registry, int bytes, InstantSource clock, Pause pause)
      throws InterruptedException {
    Duration wait =
        lanes
            .computeIfAbsent(registry, _ -> new TokenBucket(bytesPerSecond.orElseThrow()))
            .take(clock.instant(), bytes);
    if (wait.isPositive()) {
      // A clock that was set back must not hold a download up.
      pause.forAbout(wait.compareTo(WAIT_MAX) > 0 ? WAIT_MAX : wait);
    }
  }
}
