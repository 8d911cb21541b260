package dev.waybill.noderunner.agent;

import dev.waybill.contracts.node.ImageEvicted;
import dev.waybill.kernel.Digest;
import dev.waybill.kernel.IdSource;
import dev.waybill.noderunner.imagecache.Eviction;
import dev.waybill.noderunner.imagecache.Eviction.Evicted;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Lets images go when the node's disk fills up, and tells the log which. */
final class DiskWatch {
  private final Eviction eviction;
  private final Actors actors;
  private final Journal journal;
  private final IdSource ids;
  private final String nodeId;

  DiskWatch(Eviction eviction, Actors actors, Journal journal, IdSource ids, String nodeId) {
    this.eviction = eviction;
    this.actors = actors;
    this.journal = journal;
    this.ids = ids;
    this.nodeId = nodeId;
  }

  /** Looks whether the disk is too full, and does something about it. */
  synchronized void look() throws IOException {
    report(eviction.ifFull(used()));
  }

  /** Makes room now; whether there was anything that could go. */
  synchronized boolean makeRoom() throws IOException {
    List<Evicted> evicted = eviction.makeRoom(used());
    report(evicted);
    return !evicted.isEmpty();
  }

  private Set<Digest> used() {
    return actors.all().stream()
        .map(actor -> Digest.parse(actor.record().run().getImageDigest()))
        .collect(Collectors.toSet());
  }

  private void report(List<Evicted> evicted) {
    for (Evicted image : evicted) {
      journal.note(
          ids.next(),
          ImageEvicted.newBuilder()
              .setNodeId(nodeId)
              .setDigest(image.digest().toString())
              .setFreedBytes(image.freedBytes())
              .setLastUsedMs(image.lastUsed().toEpochMilli())
              .build());
    }
  }
}
