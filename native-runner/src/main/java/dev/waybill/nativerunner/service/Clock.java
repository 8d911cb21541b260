package dev.waybill.nativerunner.service;

import java.time.Instant;

/** The wall clock in Unix nanoseconds. */
interface Clock {
  long nowNs();

  /** The host's clock. */
  static Clock host() {
    return () -> {
      Instant now = Instant.now();
      return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    };
  }
}
