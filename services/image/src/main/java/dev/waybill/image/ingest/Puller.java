package dev.waybill.image.ingest;

import dev.waybill.image.arrival.Arrivals;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.MirrorName;
import dev.waybill.image.catalog.Mirrored;
import dev.waybill.image.catalog.ResolutionPlanner;
import dev.waybill.image.ingest.DocumentFetch.Found;
import dev.waybill.image.ingest.DocumentFetch.Image;
import dev.waybill.image.ingest.ImageLookup.Look;
import dev.waybill.image.ingest.PullOutcome.Failed;
import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.image.pieces.PieceLimits;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.scrub.Damage;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.StoreFailedException;
import dev.waybill.image.store.StoreFullException;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.PlatformSelection;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.AttachedDocuments;
import dev.waybill.registryclient.Bandwidth;
import dev.waybill.registryclient.BandwidthCap;
import dev.waybill.registryclient.Certificates;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.CredentialsUnusableException;
import dev.waybill.registryclient.Pause;
import dev.waybill.registryclient.RegistryConnection;
import dev.waybill.registryclient.Transport;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Sees to it that an image is here: finds it, or fetches it from the registry it names. */
public final class Puller implements AutoCloseable {
  /** What is smaller is here before a node has heard of it. */
  private static final long ANNOUNCED_BYTES_MIN = 1 << 20;

  private final BlobStore store;
  private final LiveCatalog catalog;
  private final Leases leases;
  private final Credentials credentials;
  private final PullLimits limits;
  private final Pause pause;
  private final Transport transport;
  private final BlobFetcher fetcher;
  private final ImageLookup lookup;
  private final Arrivals arrivals;
  private final HeldLayers held;
  private final ConfigCheck configs;

  public Puller(
      BlobStore store,
      LiveCatalog catalog,
      Leases leases,
      ResolutionPlanner planner,
      Credentials credentials,
      PullLimits limits,
      Pause pause,
      InstantSource clock,
      Certificates certificates) {
    this(
        store,
        catalog,
        leases,
        planner,
        credentials,
        limits,
        pause,
        clock,
        certificates,
        Bandwidth.unlimited());
  }

  public Puller(
      BlobStore store,
      LiveCatalog catalog,
      Leases leases,
      ResolutionPlanner planner,
      Credentials credentials,
      PullLimits limits,
      Pause pause,
      InstantSource clock,
      Certificates certificates,
      Bandwidth bandwidth) {
    this.store = store;
    this.catalog = catalog;
    this.leases = leases;
    this.credentials = credentials;
    this.limits = limits;
    this.pause = pause;
    this.transport = new Transport(limits.connection(), pause, clock, certificates, bandwidth);
    this.fetcher = new BlobFetcher(store, leases, limits.layerFetchesMax());
    this.lookup = new ImageLookup(catalog, planner, new PresentImage(store, limits.image()));
    this.arrivals = new Arrivals(store);
    this.held = new HeldLayers(store, catalog, PieceLimits.DEFAULT);
    this.configs = new ConfigCheck(store, limits.image());
  }

  /** What is being fetched, to be read meanwhile. */
  public Arrivals arrivals() {
    return arrivals;
  }

  /**
   * What there is to say without asking anyone: the image is here, or can't be had. Nothing where a
   * registry has to be asked.
   *
   * @throws IOException if the disk fails
   */
  public Optional<PullOutcome> settle(PullRequest request) throws IOException {
    try {
      return switch (lookup.look(request)) {
        case Look.Settled(var outcome) -> Optional.of(outcome);
        case Look.ToFetch _ -> Optional.empty();
      };
    } catch (PullFailedException e) {
      return Optional.of(e.outcome());
    }
  }

  /**
   * Blocks until the image is here or can't be had.
   *
   * @throws IOException if the disk fails
   * @throws InterruptedException if the service stops; nothing half-made stays
   */
  public PullOutcome pull(PullRequest request) throws IOException, InterruptedException {
    return pull(request, _ -> {});
  }

  /**
   * The same.
   *
   * @param listener told once the image's layers can be read while they arrive, if it takes a while
   */
  public PullOutcome pull(PullRequest request, Consumer<Announcement> listener)
      throws IOException, InterruptedException {
    try {
      return switch (lookup.look(request)) {
        case Look.Settled(var outcome) -> outcome;
        case Look.ToFetch(var mirror, var key) -> fetch(request, mirror, key, listener);
      };
    } catch (PullFailedException e) {
      return e.outcome();
    } catch (StoreFullException e) {
      return new Failed(Reason.STORE_FULL, String.valueOf(e.getMessage()));
    }
  }

  /** Stores content again that some registry had. */
  public Optional<String> refetch(Damage.Source source) throws IOException, InterruptedException {
    Reference manifest = source.manifest();
    try {
      // Whose pull it came by isn't kept, so only a log-in for all namespaces will do.
      RegistryConnection registry = connect(manifest, "", Optional.empty());
      if (source.isDocument()) {
        store.store(
            source.content().digest(),
            new DocumentFetch(registry, limits.image())
                .content(manifest.repository(), source.content()));
      } else {
        BlobDownload download = download(registry, MirrorName.of(manifest));
        fetcher.fetchAll(download, manifest.repository(), List.of(source.content()));
      }
      return Optional.empty();
    } catch (PullFailedException | StoreFailedException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private BlobDownload download(RegistryConnection registry, String mirror) {
    PieceDownload pieces =
        new PieceDownload(registry, store, limits, pause, arrivals, held, mirror);
    return new BlobDownload(registry, store, limits, pause, arrivals, pieces);
  }

  private RegistryConnection connect(
      Reference reference, String namespace, Optional<BandwidthCap> cap)
      throws PullFailedException {
    try {
      return new RegistryConnection(
          transport, reference.apiHost(), credentials.forHost(reference.host(), namespace), cap);
    } catch (CredentialsUnusableException e) {
      throw new PullFailedException(Reason.UNAUTHORIZED, String.valueOf(e.getMessage()));
    }
  }

  private PullOutcome fetch(
      PullRequest request, String mirror, String key, Consumer<Announcement> listener)
      throws IOException, PullFailedException, InterruptedException {
    Reference reference = request.reference();
    RegistryConnection registry = connect(reference, request.namespace(), request.terms().cap());
    String upstream = reference.repository();
    Found found = documents(registry, request, upstream, key);
    BlobDownload download = download(registry, mirror);
    Image first = found.first();
    // A mirror that is slow on purpose may take longer than a lease.
    try (Leases.Hold _ = leases.hold(found.blobs())) {
      Transferred moved = Transferred.NOTHING;
      for (Image image : found.images()) {
        configs.requireSmall(image.manifest());
        moved =
            moved.plus(fetcher.fetchAll(download, upstream, List.of(image.manifest().config())));
      }
      requirePlatform(request, found);
      // It can be read along until the registry itself has it.
      try (Arrivals.Image _ =
          arrivals.begin(
              mirror, first.document().digest(), first.document().content(), first.manifest())) {
        if (first.platform().filter(platform -> !request.platform().runs(platform)).isEmpty()) {
          announce(mirror, first, listener);
        }
        for (Image image : found.images()) {
          moved = moved.plus(fetcher.fetchAll(download, upstream, image.manifest().layers()));
        }
        return link(request, mirror, found, registry, download, moved);
      }
    }
  }

  private Found documents(
      RegistryConnection registry, PullRequest request, String upstream, String key)
      throws IOException, PullFailedException, InterruptedException {
    DocumentFetch documents = new DocumentFetch(registry, limits.image());
    PlatformSelection platforms = request.terms().platforms();
    return platforms.isEmpty()
        ? documents.fetch(upstream, key, request.platform())
        : new PlatformsFetch(documents, platforms, request.platform()).fetch(upstream, key);
  }

  /** Of several images of an index, the index says what they are for. */
  private void requirePlatform(PullRequest request, Found found)
      throws IOException, PullFailedException {
    PlatformSelection platforms = request.terms().platforms();
    if (platforms.isEmpty()) {
      configs.requirePlatform(found.first().manifest(), request.platform());
    } else if (found.documents().size() == 1) {
      configs.requirePlatform(found.first().manifest(), platforms);
    }
  }

  private void announce(String mirror, Image image, Consumer<Announcement> listener) {
    List<Descriptor> layers = image.manifest().layers();
    long missing =
        layers.stream()
            .filter(layer -> store.find(layer.digest()).isEmpty())
            .mapToLong(Descriptor::size)
            .sum();
    if (missing >= ANNOUNCED_BYTES_MIN) {
      listener.accept(
          new Announcement(
              mirror,
              image.document().digest(),
              layers.size(),
              layers.stream().mapToLong(Descriptor::size).sum()));
    }
  }

  /** Makes what was fetched visible, in one change. */
  private PullOutcome link(
      PullRequest request,
      String mirror,
      Found found,
      RegistryConnection registry,
      BlobDownload download,
      Transferred moved)
      throws IOException, PullFailedException, InterruptedException {
    Reference reference = request.reference();
    List<ManifestEntry> entries = store(found.documents());
    List<Mirrored> documents = new ArrayList<>();
    if (request.proofs() == PullRequest.Proofs.WITH) {
      documents.addAll(
          new ProofFetch(new AttachedDocuments(registry, limits.image()), fetcher, store, leases)
              .fetch(download, reference.repository(), entries));
    }
    documents.add(new Mirrored(Optional.ofNullable(reference.tag()), entries));
    catalog.change(request.actor(), now -> CatalogDecider.mirror(now, mirror, documents));
    for (Mirrored document : documents) {
      for (ManifestEntry entry : document.documents()) {
        leases.end(entry.children().stream().map(Descriptor::digest).toList());
        leases.end(List.of(entry.digest()));
      }
    }
    return ImageLookup.pulled(
        reference,
        mirror,
        entries.getLast().digest(),
        entries.stream().filter(entry -> !entry.isIndex()).toList(),
        found.first().platform().orElse(request.platform()),
        request.terms().platforms().isEmpty() ? List.of() : found.platforms(),
        moved);
  }

  private List<ManifestEntry> store(List<DocumentFetch.Document> path) throws IOException {
    for (DocumentFetch.Document document : path) {
      leases.take(document.digest());
      store.store(document.digest(), document.content());
    }
    return path.stream()
        .map(document -> ManifestEntry.of(document.value(), document.content(), document.digest()))
        .toList();
  }

  @Override
  public void close() {
    transport.close();
  }
}
