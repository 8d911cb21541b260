package dev.waybill.image.reachability;

import dev.waybill.kernel.Digest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Blobs that are stored but not named by a manifest yet, because their push or pull is under way.
 * Who stores one, or is told that one is there, takes a lease on it; the manifest that names it
 * ends the lease; a push that is never finished lets it run out.
 */
public final class Leases {
  private final InstantSource clock;
  private final Duration term;
  private final Map<Digest, Instant> until = new HashMap<>();

  /**
   * @param term how long a client may take from a blob to the manifest that names it
   */
  public Leases(InstantSource clock, Duration term) {
    this.clock = clock;
    this.term = term;
  }

  /** Keeps this blob for a term from now. */
  public synchronized void take(Digest digest) {
    until.put(digest, clock.instant().plus(term));
  }

  /** These blobs are named by a manifest now. */
  public synchronized void end(Collection<Digest> digests) {
    digests.forEach(until::remove);
  }

  /** The blobs under a lease that hasn't run out. */
  public synchronized Set<Digest> current() {
    Instant now = clock.instant();
    until.values().removeIf(end -> end.isBefore(now));
    return new TreeSet<>(until.keySet());
  }
}
