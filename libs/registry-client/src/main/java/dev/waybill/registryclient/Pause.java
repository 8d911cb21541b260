package dev.waybill.registryclient;

import java.time.Duration;

/** Waits; the edge has the clock. */
@FunctionalInterface
public interface Pause {
  /** Returns when this much time is over. */
  void forAbout(Duration delay) throws InterruptedException;
}
