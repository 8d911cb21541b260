package dev.waybill.image.scrub;

import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.SetAside;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Lets go of damaged content that people have had the time to look at. */
public final class Quarantine {
  private Quarantine() {}

  /** Discards what is over a limit; what that was. */
  public static List<SetAside> empty(BlobStore store, QuarantineLimits limits, Instant now)
      throws IOException {
    List<SetAside> discarded = new ArrayList<>();
    for (SetAside old : excess(store.quarantine(), limits, now)) {
      if (store.discard(old.digest())) {
        discarded.add(old);
      }
    }
    return discarded;
  }

  /** What is too old, and then of the rest the oldest until the others fit; oldest first. */
  static List<SetAside> excess(Collection<SetAside> kept, QuarantineLimits limits, Instant now) {
    Instant oldest = now.minus(limits.age());
    long bytes = kept.stream().mapToLong(SetAside::size).sum();
    List<SetAside> excess = new ArrayList<>();
    for (SetAside each : kept.stream().sorted(Comparator.comparing(SetAside::since)).toList()) {
      if (!each.since().isBefore(oldest) && bytes <= limits.bytes()) {
        return excess;
      }
      excess.add(each);
      bytes -= each.size();
    }
    return excess;
  }
}
