package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.snapshot.ContainerSnapshots;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Removes images when the disk fills up: those that nothing on this host uses, the ones that were
 * used least recently first, until there is room again.
 */
public final class Eviction {
  private final ImageCache cache;
  private final ContainerSnapshots snapshots;
  private final Disk disk;
  private final EvictionLimits limits;
  private final InstantSource clock;

  /** What is asked of the disk that the images are on. */
  public interface Disk {
    /** Bytes in all. */
    long totalBytes() throws IOException;

    /** Bytes that may still be written. */
    long freeBytes() throws IOException;
  }

  /**
   * An image that was removed.
   *
   * @param freedBytes by which the disk became emptier
   */
  public record Evicted(Digest digest, Instant lastUsed, long freedBytes) {}

  public Eviction(
      ImageCache cache,
      ContainerSnapshots snapshots,
      Disk disk,
      EvictionLimits limits,
      InstantSource clock) {
    this.cache = cache;
    this.snapshots = snapshots;
    this.disk = disk;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Removes what must go, if the disk is fuller than it may be.
   *
   * @param used images of the containers of this host
   */
  public List<Evicted> ifFull(Set<Digest> used) throws IOException {
    return isAbove(limits.highPercent()) ? makeRoom(used) : List.of();
  }

  /** Removes what may go until there is room, however full the disk is said to be. */
  public List<Evicted> makeRoom(Set<Digest> used) throws IOException {
    var evicted = new ArrayList<Evicted>();
    for (Map.Entry<Digest, Instant> candidate : candidates(used)) {
      if (!evicted.isEmpty() && !isAbove(limits.lowPercent())) {
        return evicted;
      }
      long before = disk.freeBytes();
      cache.remove(candidate.getKey(), snapshots);
      long freed = Math.max(0, disk.freeBytes() - before);
      evicted.add(new Evicted(candidate.getKey(), candidate.getValue(), freed));
    }
    return evicted;
  }

  private List<Map.Entry<Digest, Instant>> candidates(Set<Digest> used) throws IOException {
    // Whoever was just given an image has no container of it yet.
    Instant latest = clock.instant().minus(limits.keptAfterUse());
    return cache.all().entrySet().stream()
        .filter(image -> !used.contains(image.getKey()) && image.getValue().isBefore(latest))
        .sorted(Map.Entry.comparingByValue())
        .toList();
  }

  private boolean isAbove(int percent) throws IOException {
    long total = disk.totalBytes();
    return (total - disk.freeBytes()) * 100.0 > (double) total * percent;
  }
}
