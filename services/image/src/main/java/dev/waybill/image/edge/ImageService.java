package dev.waybill.image.edge;

import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.image.access.RequestRate;
import dev.waybill.image.access.TokenService;
import dev.waybill.image.catalog.CatalogJournal;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.ResolutionPlanner;
import dev.waybill.image.distribution.Registry;
import dev.waybill.image.distribution.RegistryLimits;
import dev.waybill.image.distribution.Uploads;
import dev.waybill.image.ingest.PullLimits;
import dev.waybill.image.ingest.Puller;
import dev.waybill.image.quota.Quotas;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.scrub.Quarantine;
import dev.waybill.image.scrub.QuarantineLimits;
import dev.waybill.image.scrub.ScrubLimits;
import dev.waybill.image.scrub.Scrubber;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.Collector;
import dev.waybill.image.store.DiskCatalogJournal;
import dev.waybill.image.store.SetAside;
import dev.waybill.image.store.StoreFailedException;
import dev.waybill.kernel.IdSource;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Platform;
import dev.waybill.registryclient.Bandwidth;
import dev.waybill.registryclient.Certificates;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.DockerCredentials;
import dev.waybill.registryclient.SealedLogins;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The image service: its registry on the application's HTTP server, and its follower of the log.
 */
@ApplicationScoped
public class ImageService {
  private static final Logger LOG = Logger.getLogger(ImageService.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int UPLOAD_ID_BYTES = 16;
  private static final int TOKEN_KEY_BYTES = 32;
  private static final long EXPIRY_SECONDS = 60;
  private static final long RELOAD_SECONDS = 10;
  private static final long QUARANTINE_MINUTES = 60;

  private final EventLog log;
  private final Cell cell;
  private final IdSource ids;
  private final ImageServiceConfig config;
  private final Vertx vertx;
  private final NearbyArrivals nearby;
  private final InstantSource clock = InstantSource.system();
  private @Nullable Parts parts;
  private @Nullable ImageFollowing following;
  private @Nullable Scrubbing scrubbing;
  private @Nullable RegistryServer tls;

  @Inject
  ImageService(
      EventLog log,
      Cell cell,
      IdSource ids,
      ImageServiceConfig config,
      Vertx vertx,
      NearbyArrivals nearby) {
    this.vertx = vertx;
    this.nearby = nearby;
    this.log = log;
    this.cell = cell;
    this.ids = ids;
    this.config = config;
  }

  /** What lives as long as the service. */
  private record Parts(
      BlobStore store,
      ImageDrafts drafts,
      CatalogEvents events,
      CatalogJournal journal,
      Leases answers,
      LiveCatalog catalog,
      ResolutionPlanner planner,
      Puller puller,
      Scrubber scrubber,
      Collector collector,
      RegistryRoutes routes,
      ArrivingRoutes arriving,
      ExecutorService threads,
      ScheduledExecutorService timer) {}

  void serve(@Observes Router router) {
    if (config.enabled()) {
      parts().routes().mount(router);
      parts().arriving().mount(router);
    }
  }

  void start(@Observes StartupEvent event) {
    if (!config.enabled()) {
      return;
    }
    Parts all = parts();
    nearby.serve(all.puller().arrivals());
    ImageRequests requests =
        new ImageRequests(
            all.puller(),
            all.catalog(),
            all.planner(),
            all.collector(),
            all.events(),
            config
                .platform()
                .map(Platform::parse)
                .orElseGet(() -> Platform.linux(System.getProperty("os.arch"))),
            clock,
            config.pullsMax(),
            all.answers());
    PruneRequests prunes =
        new PruneRequests(
            log, all.collector(), all.journal(), all.answers(), clock, config.lease());
    following =
        new ImageFollowing(
            log,
            all.drafts(),
            all.catalog(),
            requests,
            prunes,
            all.events(),
            config.dataDirectory().resolve("checkpoint.json"));
    config.tlsPort().ifPresent(port -> tls = serveTls(all, port));
    scrubbing =
        Scrubbing.start(
            all.scrubber(),
            config.scrubPeriod(),
            config.dataDirectory().resolve("scrub.json"),
            clock);
  }

  /** A port of its own: the platform's stays plain on the loopback address, or behind a proxy. */
  private RegistryServer serveTls(Parts all, int port) {
    TlsFiles files =
        new TlsFiles(
            config.tlsCertificateFile().orElseThrow(ImageService::noCertificate),
            config.tlsKeyFile().orElseThrow(ImageService::noCertificate));
    RegistryServer server =
        RegistryServer.start(vertx, all.routes(), config.tlsHost(), port, Optional.of(files));
    all.timer()
        .scheduleWithFixedDelay(
            () -> reload(server), RELOAD_SECONDS, RELOAD_SECONDS, TimeUnit.SECONDS);
    LOG.infof("registry is served over TLS address=%s:%d", config.tlsHost(), server.port());
    return server;
  }

  private static IllegalStateException noCertificate() {
    return new IllegalStateException(
        "waybill.image.tls-port needs waybill.image.tls-certificate-file and tls-key-file");
  }

  private static void reload(RegistryServer server) {
    try {
      server.reload();
    } catch (RuntimeException e) {
      LOG.errorf(e, "the registry's certificate could not be renewed, it serves the old one");
    }
  }

  void stop(@Observes ShutdownEvent event) {
    if (tls != null) {
      tls.close();
    }
    if (scrubbing != null) {
      scrubbing.close();
    }
    if (following != null) {
      following.close();
    }
    Parts all = parts;
    if (all != null) {
      all.timer().shutdownNow();
      all.threads().shutdownNow();
      all.puller().close();
      all.store().close();
    }
  }

  private synchronized Parts parts() {
    Parts known = parts;
    if (known == null) {
      try {
        known = open();
      } catch (StoreFailedException e) {
        throw new UncheckedIOException("the image service cannot start: " + e.getMessage(), e);
      } catch (IOException e) {
        throw new UncheckedIOException("the image service cannot use " + config.dataDirectory(), e);
      }
      parts = known;
    }
    return known;
  }

  private Parts open() throws IOException {
    BlobStore store = BlobStorage.open(config);
    CatalogJournal journal = DiskCatalogJournal.open(config.dataDirectory(), store);
    CatalogJournal.Kept kept = journal.load();
    kept.faults().forEach(fault -> LOG.warnf("image store: %s", fault));
    ImageDrafts drafts = new ImageDrafts(cell.source("image"), ids, clock);
    CatalogEvents events = new CatalogEvents(drafts, Unsaid.open(config.dataDirectory()));
    LiveCatalog catalog = LiveCatalog.open(journal, kept.catalog(), events);
    Leases leases = new Leases(clock, config.lease());
    ResolutionPlanner planner = new ResolutionPlanner(this::isOurs);
    RegistryLimits limits =
        new RegistryLimits(
            config.uploadsMax(), config.blobBytesMax(), config.uploadIdle(), 1000, quotas());
    Uploads uploads = new Uploads(store, limits, clock, uploadIds());
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("image-expiry").factory());
    timer.scheduleWithFixedDelay(
        () -> expire(uploads), EXPIRY_SECONDS, EXPIRY_SECONDS, TimeUnit.SECONDS);
    QuarantineLimits quarantine =
        new QuarantineLimits(config.quarantineAge(), config.quarantineBytesMax());
    timer.scheduleWithFixedDelay(
        () -> emptyQuarantine(store, quarantine), 1, QUARANTINE_MINUTES, TimeUnit.MINUTES);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    Puller puller = puller(store, catalog, leases, planner);
    Scrubber scrubber =
        new Scrubber(
            store,
            catalog,
            puller::refetch,
            new ScrubEvents(events, catalog),
            new ScrubLimits(config.scrubPeriod(), config.scrubBytesPerSecond()),
            Thread::sleep);
    Registry registry =
        new Registry(
            store, catalog, leases, uploads, limits, ImageLimits.DEFAULT, scrubber::suspect);
    Authenticator owner =
        Authenticator.single(config.user(), Files.readString(config.tokenFile()).strip());
    RegistryRoutes routes =
        new RegistryRoutes(
            registry, owner, new TokenService(random(TOKEN_KEY_BYTES), clock), rate(), threads);
    return new Parts(
        store,
        drafts,
        events,
        journal,
        new Leases(clock, config.lease()),
        catalog,
        planner,
        puller,
        scrubber,
        new Collector(store, catalog, leases),
        routes,
        new ArrivingRoutes(puller.arrivals(), routes, owner, threads),
        threads,
        timer);
  }

  private Puller puller(
      BlobStore store, LiveCatalog catalog, Leases leases, ResolutionPlanner planner) {
    return new Puller(
        store,
        catalog,
        leases,
        planner,
        credentials(),
        pullLimits(),
        Thread::sleep,
        clock,
        certificates(),
        Bandwidth.perRegistry(config.upstreamBytesPerSecond()));
  }

  private Credentials credentials() {
    Credentials listed =
        config
            .credentialsFile()
            .<Credentials>map(file -> new DockerCredentials(file, System.getenv()))
            .orElseGet(Credentials::none);
    return config
        .loginsFile()
        .flatMap(file -> config.loginsKeyFile().map(key -> new SealedLogins(file, key)))
        .map(logins -> logins.orElse(listed))
        .orElse(listed);
  }

  private Certificates certificates() {
    return config.certificatesDirectory().map(Certificates::in).orElseGet(Certificates::ofSystem);
  }

  private PullLimits pullLimits() {
    PullLimits usual = PullLimits.DEFAULT;
    return new PullLimits(
        usual.image(),
        config.layerFetchesMax(),
        usual.attemptsMax(),
        usual.breaksMax(),
        usual.redirectsMax(),
        usual.retryDelay(),
        usual.retryAfterMax(),
        usual.connectTimeout(),
        usual.answerTimeout(),
        usual.stallTimeout());
  }

  private Quotas quotas() {
    Map<String, Long> bytes = new HashMap<>(config.quotaBytes());
    config.quotaBytesTotal().ifPresent(most -> bytes.put("", most));
    return new Quotas(bytes, config.manifestsMax(), config.tagsMax());
  }

  private static Supplier<String> uploadIds() {
    return () -> HexFormat.of().formatHex(random(UPLOAD_ID_BYTES));
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  private static void expire(Uploads uploads) {
    try {
      uploads.expire();
    } catch (IOException e) {
      LOG.warnf(e, "an idle upload could not be dropped");
    }
  }

  private Optional<RequestRate> rate() {
    return config.requestsPerSecond().stream()
        .mapToObj(most -> new RequestRate(most, clock))
        .findFirst();
  }

  private void emptyQuarantine(BlobStore store, QuarantineLimits limits) {
    try {
      for (SetAside gone : Quarantine.empty(store, limits, clock.instant())) {
        LOG.infof(
            "damaged content is discarded digest=%s bytes=%d since=%s",
            gone.digest(), gone.size(), gone.since());
      }
    } catch (IOException | RuntimeException e) {
      LOG.warnf(e, "what was set aside could not be looked through");
    }
  }

  /** The port is known only once the server listens, so it is looked up each time. */
  private boolean isOurs(String host) {
    String port =
        ConfigProvider.getConfig()
            .getOptionalValue("quarkus.http.port", String.class)
            .orElse("8080");
    return host.equals("127.0.0.1:" + port)
        || host.equals("localhost:" + port)
        || config.hosts().orElse(List.of()).contains(host);
  }
}
