package dev.waybill.image.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.image.ImagesPruned;
import dev.waybill.contracts.image.PrunedManifest;
import dev.waybill.contracts.workload.ImagePruneRequested;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventLog;
import dev.waybill.image.catalog.CatalogJournal;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.reachability.PrunePlanner;
import dev.waybill.image.reachability.PrunePlanner.Removal;
import dev.waybill.image.store.Collector;
import dev.waybill.image.store.Collector.Pruned;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Removes what nothing needs when the log asks for it, and answers. */
final class PruneRequests {
  private static final int ANSWER = 1;

  private final EventLog log;
  private final Collector collector;
  private final CatalogJournal journal;
  private final Leases answers;
  private final InstantSource clock;
  private final Duration youth;

  /**
   * @param answers manifests that somebody was told are here a short while ago
   * @param youth how long a manifest without a tag is left for whoever put it
   */
  PruneRequests(
      EventLog log,
      Collector collector,
      CatalogJournal journal,
      Leases answers,
      InstantSource clock,
      Duration youth) {
    this.log = log;
    this.collector = collector;
    this.journal = journal;
    this.answers = answers;
    this.clock = clock;
    this.youth = youth;
  }

  void prune(Event cause, ImagePruneRequested wanted, ImageEventWriter writer) throws IOException {
    Set<Digest> needed = NeededImages.on(log);
    Instant now = clock.instant();
    Optional<Instant> builds =
        wanted.hasBuildCacheOlderMs()
            ? Optional.of(now.minusMillis(wanted.getBuildCacheOlderMs()))
            : Optional.empty();
    Pruned pruned =
        collector.prune(
            leased -> {
              Set<Digest> kept = new TreeSet<>(leased);
              kept.addAll(answers.current());
              return new PrunePlanner.Roots(needed, kept, now.minus(youth), builds);
            },
            journal::since,
            wanted.getDryRun());
    List<Message> said = new ArrayList<>();
    if (!wanted.getDryRun()) {
      said.addAll(ImageMessages.changes(pruned.plan().changes()));
    }
    said.add(answer(wanted, pruned));
    writer.answer(cause, ANSWER, said);
  }

  private static Message answer(ImagePruneRequested wanted, Pruned pruned) {
    return ImagesPruned.newBuilder()
        .setRequestId(wanted.getRequestId())
        .setDryRun(wanted.getDryRun())
        .addAllManifests(pruned.plan().removals().stream().map(PruneRequests::shown).toList())
        .setBlobs(pruned.collected().blobs())
        .setFreedBytes(pruned.collected().bytes())
        .build();
  }

  private static PrunedManifest shown(Removal removal) {
    return PrunedManifest.newBuilder()
        .setRepository(removal.repository())
        .setDigest(removal.digest().toString())
        .addAllTags(removal.tags())
        .build();
  }
}
