package dev.waybill.cli.output;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Instants as people think of them. */
public final class Ago {
  private final InstantSource clock;

  public Ago(InstantSource clock) {
    this.clock = clock;
  }

  /** How long ago, in one unit: {@code 3 min}; empty for an absent time. */
  public String text(String instant) {
    if (instant.isEmpty()) {
      return "";
    }
    Duration passed = Duration.between(Instant.parse(instant), clock.instant());
    if (passed.toDays() > 1) {
      return passed.toDays() + " days";
    }
    if (passed.toHours() > 1) {
      return passed.toHours() + " h";
    }
    return passed.toMinutes() > 1
        ? passed.toMinutes() + " min"
        : Math.max(0, passed.toSeconds()) + " s";
  }
}
