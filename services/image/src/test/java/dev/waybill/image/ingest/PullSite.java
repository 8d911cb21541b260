package dev.waybill.image.ingest;

import dev.waybill.image.arrival.Arrivals;
import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.CatalogJournal;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.LiveCatalog.CatalogListener;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.image.catalog.ResolutionPlanner;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.DiskBlobStore;
import dev.waybill.image.store.DiskCatalogJournal;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.PlatformSelection;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.BandwidthCap;
import dev.waybill.registryclient.Certificates;
import dev.waybill.registryclient.Credentials.Login;
import dev.waybill.testkit.image.MadeImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** A store with a puller that writes down its pauses instead of waiting. */
final class PullSite implements AutoCloseable {
  private static final Actor ACTOR = new Actor("tester");
  private static final PullLimits LIMITS =
      new PullLimits(
          ImageLimits.DEFAULT,
          4,
          3,
          3,
          5,
          Duration.ofMillis(10),
          Duration.ofMinutes(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMillis(300));

  final List<Duration> pauses = new CopyOnWriteArrayList<>();

  /** Time that passes only while somebody pauses. */
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);

  private final InstantSource clock = now::get;
  final BlobStore store;
  final LiveCatalog catalog;
  private final Map<String, Login> logins = new ConcurrentHashMap<>();
  private final Puller puller;

  private PullSite(Path data, BlobStore store) throws IOException {
    this.store = store;
    CatalogJournal journal = DiskCatalogJournal.open(data, store);
    catalog = LiveCatalog.open(journal, journal.load().catalog(), CatalogListener.none());
    puller =
        new Puller(
            store,
            catalog,
            new Leases(InstantSource.system(), Duration.ofMinutes(1)),
            new ResolutionPlanner(_ -> false),
            host -> Optional.ofNullable(logins.get(host)),
            LIMITS,
            this::pause,
            clock,
            Certificates.ofSystem());
  }

  /** With its content in this store, and what names it in the directory. */
  static PullSite open(Path data, BlobStore store) throws IOException {
    return new PullSite(data, store);
  }

  private void pause(Duration delay) {
    pauses.add(delay);
    now.updateAndGet(before -> before.plus(delay));
  }

  static PullSite open(Path data) throws IOException {
    return new PullSite(data, DiskBlobStore.open(data));
  }

  void logIn(String host, String user, String password) {
    logins.put(host, new Login(user, password));
  }

  PullOutcome pull(String name) throws Exception {
    return pull(name, PullPolicy.MISSING);
  }

  PullOutcome pull(String name, PullPolicy policy) throws Exception {
    return puller.pull(new PullRequest(Reference.parse(name), policy, Platform.LINUX_AMD64, ACTOR));
  }

  PullOutcome pull(String name, Consumer<Announcement> listener) throws Exception {
    return puller.pull(
        new PullRequest(Reference.parse(name), PullPolicy.MISSING, Platform.LINUX_AMD64, ACTOR),
        listener);
  }

  Arrivals arrivals() {
    return puller.arrivals();
  }

  PullOutcome pull(String name, Platform platform) throws Exception {
    return puller.pull(new PullRequest(Reference.parse(name), PullPolicy.MISSING, platform, ACTOR));
  }

  PullOutcome pullWithProofs(String name) throws Exception {
    return puller.pull(
        new PullRequest(
            Reference.parse(name),
            PullPolicy.ALWAYS,
            Platform.LINUX_AMD64,
            PullRequest.Proofs.WITH,
            ACTOR,
            "",
            PullTerms.USUAL));
  }

  /** As a policy's mirror has it done. */
  PullOutcome mirror(String name, List<String> platforms, Optional<BandwidthCap> cap)
      throws Exception {
    PullTerms terms =
        new PullTerms(PullTerms.Purpose.MIRROR, PlatformSelection.parse(platforms), cap);
    return puller.pull(
        new PullRequest(
            Reference.parse(name),
            PullPolicy.ALWAYS,
            Platform.LINUX_AMD64,
            PullRequest.Proofs.WITH,
            ACTOR,
            "",
            terms));
  }

  /** Puts an image into our own registry. */
  void push(String repository, String tag, MadeImage image) throws IOException {
    for (byte[] blob : image.blobs().values()) {
      var stored = store.store(blob);
      catalog.change(
          ACTOR, now -> CatalogDecider.linkBlob(now, repository, stored.digest(), stored.size()));
    }
    byte[] manifest = image.documents().getFirst().content();
    store.store(manifest);
    ManifestEntry entry =
        ManifestEntry.of(ImageDocuments.read(manifest, null, ImageLimits.DEFAULT), manifest);
    catalog.change(
        ACTOR,
        now -> CatalogDecider.putManifest(now, repository, new ManifestKey.ByTag(tag), entry));
  }

  @Override
  public void close() {
    puller.close();
  }
}
