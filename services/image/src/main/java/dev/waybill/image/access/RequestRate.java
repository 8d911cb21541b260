package dev.waybill.image.access;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many requests each client may make. A client has a purse that fills steadily up to what a
 * burst may cost; a request takes one out of it. Of the clients that came last so many are
 * remembered; another one's purse is full.
 */
public final class RequestRate {
  private static final int BURST_SECONDS = 10;
  private static final int CLIENTS_MAX = 10_000;

  private final InstantSource clock;
  private final double perSecond;
  private final Map<String, Purse> purses =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Purse> eldest) {
          return size() > CLIENTS_MAX;
        }
      };

  /** What a client has left. */
  private record Purse(double requests, Instant at) {}

  /**
   * @param perSecond requests of one client, over time; ten seconds' worth may come at once
   */
  public RequestRate(int perSecond, InstantSource clock) {
    if (perSecond < 1) {
      throw new IllegalArgumentException(
          "waybill.image.requests-per-second is " + perSecond + ", leave it out for no limit");
    }
    this.perSecond = perSecond;
    this.clock = clock;
  }

  /** Takes a request of this client on; if it is one too many, how long to wait for the next. */
  public synchronized Optional<Duration> refuse(String client) {
    Instant now = clock.instant();
    double most = perSecond * BURST_SECONDS;
    Purse before = purses.getOrDefault(client, new Purse(most, now));
    double earned = Math.max(0, seconds(Duration.between(before.at(), now))) * perSecond;
    double has = Math.min(most, before.requests() + earned);
    if (has < 1) {
      purses.put(client, new Purse(has, now));
      return Optional.of(Duration.ofNanos((long) Math.ceil((1 - has) / perSecond * 1e9)));
    }
    purses.put(client, new Purse(has - 1, now));
    return Optional.empty();
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }
}
