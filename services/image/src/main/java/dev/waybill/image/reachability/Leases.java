package dev.waybill.image.reachability;

import dev.waybill.kernel.Digest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
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
  private final Map<Digest, Integer> holds = new HashMap<>();

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

  /** Blobs that are kept until this is closed, however long that takes. */
  public interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** Keeps these blobs until the hold is closed; a lease on them then goes on as it was. */
  public synchronized Hold hold(Collection<Digest> digests) {
    List<Digest> kept = List.copyOf(digests);
    kept.forEach(digest -> holds.merge(digest, 1, Integer::sum));
    return () -> release(kept);
  }

  private synchronized void release(List<Digest> kept) {
    kept.forEach(
        digest -> holds.computeIfPresent(digest, (_, count) -> count == 1 ? null : count - 1));
  }

  /** The blobs under a lease that hasn't run out, or on hold. */
  public synchronized Set<Digest> current() {
    Instant now = clock.instant();
    until.values().removeIf(end -> end.isBefore(now));
    Set<Digest> current = new TreeSet<>(until.keySet());
    current.addAll(holds.keySet());
    return current;
  }
}
