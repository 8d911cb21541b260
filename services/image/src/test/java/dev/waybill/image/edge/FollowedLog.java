package dev.waybill.image.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.InMemoryEventLog;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.Writer;
import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.catalog.ResolutionPlanner;
import dev.waybill.image.ingest.PullLimits;
import dev.waybill.image.ingest.Puller;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.scrub.ScrubLimits;
import dev.waybill.image.scrub.Scrubber;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.Collector;
import dev.waybill.image.store.DiskBlobStore;
import dev.waybill.image.store.DiskCatalogJournal;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.kernel.IdSource;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Platform;
import dev.waybill.registryclient.Certificates;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.Pause;
import dev.waybill.testkit.image.MadeImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** The service on a log in memory, that can be restarted on the same log and disk. */
final class FollowedLog implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final InstantSource clock = InstantSource.system();
  private final InMemoryEventLog log = new InMemoryEventLog(Cell.LOCAL, clock);
  private final AtomicLong numbers = new AtomicLong();
  private final IdSource ids = () -> "id-" + numbers.incrementAndGet();
  private final Writer gate = log.openWriter("/test/gate", Set.of(Topic.REGISTRY));
  private final Path data;
  private final StoreOpener opener;
  private BlobStore store;
  private LiveCatalog catalog;
  private CatalogEvents events;
  private Puller puller;
  private ImageFollowing following;

  /** Opens a store, anew at each start. */
  interface StoreOpener {
    BlobStore open() throws IOException;
  }

  FollowedLog(Path data) {
    this(data, () -> DiskBlobStore.open(data));
  }

  FollowedLog(Path data, StoreOpener opener) {
    this.data = data;
    this.opener = opener;
  }

  void start() throws IOException {
    store = opener.open();
    DiskCatalogJournal journal = DiskCatalogJournal.open(data, store);
    ImageDrafts drafts = new ImageDrafts(Cell.LOCAL.source("image"), ids, clock);
    events = new CatalogEvents(drafts, Unsaid.open(data));
    catalog = LiveCatalog.open(journal, journal.load().catalog(), events);
    Leases leases = new Leases(clock, Duration.ofMinutes(1));
    Leases answers = new Leases(clock, Duration.ofNanos(1));
    ResolutionPlanner planner = new ResolutionPlanner(_ -> false);
    puller =
        new Puller(
            store,
            catalog,
            leases,
            planner,
            Credentials.none(),
            PullLimits.DEFAULT,
            Thread::sleep,
            clock,
            Certificates.ofSystem());
    ImageRequests requests =
        new ImageRequests(
            puller,
            catalog,
            planner,
            new Collector(store, catalog, leases),
            events,
            Platform.LINUX_AMD64,
            clock,
            4,
            answers);
    PruneRequests prunes =
        new PruneRequests(
            log, new Collector(store, catalog, leases), journal, answers, clock, Duration.ZERO);
    following = new ImageFollowing(log, drafts, catalog, requests, prunes, events, checkpoint());
    awaitWriter(events);
  }

  /** The follower opens its writer on its own thread; pushes before that would go unsaid. */
  private static void awaitWriter(CatalogEvents events) {
    Instant end = Instant.now().plus(PATIENCE);
    while (!events.isReady() && Instant.now().isBefore(end)) {
      Thread.onSpinWait();
    }
  }

  Path checkpoint() {
    return data.resolve("checkpoint.json");
  }

  void restart() throws IOException {
    close();
    start();
  }

  Scrubber scrubber(ScrubLimits limits, Pause pause) {
    return new Scrubber(
        store, catalog, puller::refetch, new ScrubEvents(events, catalog), limits, pause);
  }

  BlobStore store() {
    return store;
  }

  LiveCatalog catalog() {
    return catalog;
  }

  InstantSource clock() {
    return clock;
  }

  /** Puts a request on the log, as the gate or a user would. */
  Event ask(Message message) {
    Draft draft =
        Draft.fact(
            ids.next(), message, clock.instant(), Lineage.origin("request", "user/tester", null));
    Topic topic = draft.type().topic();
    if (topic == Topic.REGISTRY) {
      return gate.append(List.of(draft)).getFirst().event();
    }
    try (Writer user = log.openWriter("/test/" + topic, Set.of(topic))) {
      return user.append(List.of(draft)).getFirst().event();
    }
  }

  /** The first events of the image service, as soon as there are so many. */
  List<Event> awaitImages(int count) {
    Partition images = new Partition(Topic.IMAGES, 0);
    List<Event> found = new ArrayList<>();
    Instant end = Instant.now().plus(PATIENCE);
    try (Cursor cursor = log.open(Map.of(images, 0L))) {
      while (found.size() < count && Instant.now().isBefore(end)) {
        cursor.poll(Duration.ofSeconds(1)).stream().map(Recorded::event).forEach(found::add);
      }
    }
    if (found.size() != count) {
      throw new AssertionError(
          "expected "
              + count
              + " events, there are "
              + found.stream().map(event -> "" + event.payload()).toList());
    }
    return found;
  }

  void push(String repository, String tag, MadeImage image) {
    Actor admin = new Actor("user/admin");
    try {
      for (byte[] blob : image.blobs().values()) {
        StoredBlob stored = store.store(blob);
        catalog.change(
            admin, now -> CatalogDecider.linkBlob(now, repository, stored.digest(), stored.size()));
      }
      byte[] manifest = image.documents().getFirst().content();
      store.store(manifest);
      ManifestEntry entry =
          ManifestEntry.of(ImageDocuments.read(manifest, null, ImageLimits.DEFAULT), manifest);
      catalog.change(
          admin,
          now -> CatalogDecider.putManifest(now, repository, new ManifestKey.ByTag(tag), entry));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A process that ended between the deed and the word: the tag is kept and nobody was told. */
  void pushUnsaid(String repository, String tag, MadeImage image) throws IOException {
    following.close();
    CatalogEvents mute =
        new CatalogEvents(
            new ImageDrafts(Cell.LOCAL.source("image"), ids, clock), Unsaid.open(data));
    catalog = LiveCatalog.open(DiskCatalogJournal.open(data, store), catalog.current(), mute);
    push(repository, tag, image);
  }

  @Override
  public void close() {
    following.close();
    puller.close();
    store.close();
  }
}
