package dev.waybill.registryclient;

import java.time.Duration;

/** How long to stay away from a registry that failed. */
public record Backoff(Duration first, Duration longest) {
  private static final int DOUBLINGS_MAX = 16;

  /**
   * The delay after attempt number {@code attempt}, counted from 1; what the registry asks wins.
   */
  public Duration after(int attempt, Duration asked) {
    Duration own = first.multipliedBy(1L << Math.min(attempt - 1, DOUBLINGS_MAX));
    Duration longer = asked.compareTo(own) > 0 ? asked : own;
    return longer.compareTo(longest) > 0 ? longest : longer;
  }
}
