package dev.waybill.image.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.image.PullFailure;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.MirrorTagPruned;
import dev.waybill.contracts.workload.ImageRemovalRequested;
import dev.waybill.eventlog.Event;
import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.CatalogDecision;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.catalog.Resolution;
import dev.waybill.image.catalog.ResolutionPlanner;
import dev.waybill.image.ingest.Announcement;
import dev.waybill.image.ingest.PullOutcome;
import dev.waybill.image.ingest.PullRequest;
import dev.waybill.image.ingest.PullTerms;
import dev.waybill.image.ingest.Puller;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.Collector;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Does what the log asks for, and answers. */
final class ImageRequests {
  private static final Logger LOG = Logger.getLogger(ImageRequests.class);
  private static final int ANNOUNCEMENT = 0;
  private static final int ANSWER = 1;
  private static final int ARRIVAL = 2;

  private final Puller puller;
  private final LiveCatalog catalog;
  private final ResolutionPlanner planner;
  private final Collector collector;
  private final CatalogEvents events;
  private final Platform platform;
  private final InstantSource clock;
  private final Semaphore pulls;
  private final Leases answers;

  ImageRequests(
      Puller puller,
      LiveCatalog catalog,
      ResolutionPlanner planner,
      Collector collector,
      CatalogEvents events,
      Platform platform,
      InstantSource clock,
      int pullsMax,
      Leases answers) {
    this.puller = puller;
    this.catalog = catalog;
    this.planner = planner;
    this.collector = collector;
    this.events = events;
    this.platform = platform;
    this.clock = clock;
    this.pulls = new Semaphore(pullsMax);
    this.answers = answers;
  }

  /** Pulls an admitted image; blocks. */
  void pull(Event cause, ImageAdmitted admitted, Answered answered, ImageEventWriter log)
      throws InterruptedException {
    Instant start = clock.instant();
    String request = admitted.getRequestId();
    boolean announced = answered.isAnnounced(request);
    Reference reference;
    PullTerms terms;
    try {
      reference = Reference.parse(admitted.getReference());
      terms = ImageMessages.terms(admitted);
    } catch (IllegalArgumentException e) {
      fail(cause, admitted, PullFailure.PULL_FAILURE_INVALID, e, log);
      return;
    }
    PullRequest wanted =
        new PullRequest(
            reference,
            ImageMessages.policy(admitted.getPull()),
            platform,
            admitted.getWithProofs() ? PullRequest.Proofs.WITH : PullRequest.Proofs.WITHOUT,
            new Actor(cause.lineage().actor(), cause.id()),
            admitted.getNamespace(),
            terms);
    try {
      Optional<PullOutcome> settled = puller.settle(wanted);
      if (settled.isPresent() && isGone(settled.get())) {
        settled = Optional.empty();
      }
      Message announcement = ImageMessages.requested(request, reference);
      if (settled.isPresent() && !announced) {
        // The usual case in a start: one append, since each is a round trip to the broker.
        Message answer = ImageMessages.answer(request, reference, settled.get(), since(start));
        log.answer(cause, ANNOUNCEMENT, List.of(announcement, answer));
        return;
      }
      if (!announced) {
        log.answer(cause, ANNOUNCEMENT, List.of(announcement));
      }
      PullOutcome outcome =
          fetch(
              cause,
              wanted,
              image -> {
                if (answered.claimArrival(request)) {
                  Message said = ImageMessages.arriving(request, reference, image, platform);
                  log.answer(cause, ARRIVAL, List.of(said));
                }
              });
      log.answer(
          cause, ANSWER, List.of(ImageMessages.answer(request, reference, outcome, since(start))));
    } catch (IOException e) {
      LOG.errorf(e, "image pull failed reference=%s", reference);
      fail(cause, admitted, PullFailure.PULL_FAILURE_UNSPECIFIED, e, log);
    }
  }

  private PullOutcome fetch(Event cause, PullRequest wanted, Consumer<Announcement> listener)
      throws IOException, InterruptedException {
    pulls.acquire();
    events.remember(cause);
    try {
      PullOutcome outcome = puller.pull(wanted, listener);
      while (isGone(outcome)) {
        outcome = puller.pull(wanted);
      }
      return outcome;
    } finally {
      events.forget(cause);
      pulls.release();
    }
  }

  /**
   * Whether what was found is pruned already. If not, it won't be for a while: whoever is told that
   * it is here needs some time to say that it is needed.
   */
  private boolean isGone(PullOutcome outcome) throws IOException {
    if (!(outcome instanceof PullOutcome.Pulled pulled)) {
      return false;
    }
    return catalog.holding(
        now -> {
          answers.take(pulled.manifest());
          return now.manifest(pulled.repository(), new ManifestKey.ByDigest(pulled.manifest()))
              .isEmpty();
        });
  }

  private Duration since(Instant start) {
    return Duration.between(start, clock.instant());
  }

  private static void fail(
      Event cause, ImageAdmitted admitted, PullFailure failure, Exception e, ImageEventWriter log) {
    log.answer(
        cause,
        ANSWER,
        List.of(
            ImageMessages.failed(
                admitted.getRequestId(),
                admitted.getReference(),
                failure,
                String.valueOf(e.getMessage()))));
  }

  /** Removes a tag that its policy no longer wants in the mirror. */
  void remove(Event cause, MirrorTagPruned pruned, ImageEventWriter log) throws IOException {
    remove(
        cause, ImageRemovalRequested.newBuilder().setReference(pruned.getReference()).build(), log);
  }

  /**
   * Removes an image and what only it needed. Of one that isn't here, it says that it is gone too:
   * whoever asked waits for that, and a restart may have come between the deed and the word.
   */
  void remove(Event cause, ImageRemovalRequested wanted, ImageEventWriter log) throws IOException {
    String shown = wanted.getReference();
    String digest = "";
    long freed = 0;
    List<Message> said = new ArrayList<>();
    Optional<Reference> reference = parsed(shown);
    Optional<Resolution.Here> here =
        reference.flatMap(name -> planner.find(catalog.current(), name));
    if (reference.isPresent() && here.isPresent()) {
      Resolution.Here found = here.get();
      shown = reference.get().toString();
      digest = found.entry().digest().toString();
      ManifestKey key = ManifestKey.parse(reference.get().manifestKey());
      CatalogDecision decision =
          catalog.change(
              Actor.SELF, now -> CatalogDecider.removeImage(now, found.repository(), key));
      if (decision instanceof CatalogDecision.Accepted(var changes)) {
        said.addAll(ImageMessages.changes(changes)); // Its names in our own registry.
      }
      freed = collector.collect().bytes();
    }
    said.add(ImageMessages.deleted(shown, digest, freed));
    log.answer(cause, ANSWER, said);
  }

  private static Optional<Reference> parsed(String text) {
    try {
      return Optional.of(Reference.parse(text));
    } catch (IllegalArgumentException e) {
      LOG.warnf("removal of what is no image reference=%s: %s", text, e.getMessage());
      return Optional.empty();
    }
  }
}
