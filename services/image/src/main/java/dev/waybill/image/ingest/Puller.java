package dev.waybill.image.ingest;

import dev.waybill.image.arrival.Arrivals;
import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.MirrorName;
import dev.waybill.image.catalog.Mirrored;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.image.catalog.Resolution;
import dev.waybill.image.catalog.ResolutionPlanner;
import dev.waybill.image.ingest.PresentImage.Presence;
import dev.waybill.image.ingest.PullOutcome.Failed;
import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.image.pieces.PieceLimits;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.scrub.Damage;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.StoreFailedException;
import dev.waybill.image.store.StoreFullException;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.AttachedDocuments;
import dev.waybill.registryclient.Bandwidth;
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
  private final ResolutionPlanner planner;
  private final Credentials credentials;
  private final PullLimits limits;
  private final Pause pause;
  private final Transport transport;
  private final BlobFetcher fetcher;
  private final PresentImage present;
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
    this.planner = planner;
    this.credentials = credentials;
    this.limits = limits;
    this.pause = pause;
    this.transport = new Transport(limits.connection(), pause, clock, certificates, bandwidth);
    this.fetcher = new BlobFetcher(store, leases, limits.layerFetchesMax());
    this.present = new PresentImage(store, limits.image());
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
      return switch (look(request)) {
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
      return switch (look(request)) {
        case Look.Settled(var outcome) -> outcome;
        case Look.ToFetch(var mirror, var key) -> fetch(request, mirror, key, listener);
      };
    } catch (PullFailedException e) {
      return e.outcome();
    } catch (StoreFullException e) {
      return new Failed(Reason.STORE_FULL, String.valueOf(e.getMessage()));
    }
  }

  /** What looking at the catalog comes to. */
  private sealed interface Look {
    record Settled(PullOutcome outcome) implements Look {}

    record ToFetch(String mirror, String key) implements Look {}
  }

  private Look look(PullRequest request) throws IOException, PullFailedException {
    Catalog now = catalog.current();
    return switch (planner.plan(now, request.reference(), request.policy())) {
      case Resolution.Nowhere(var why) -> new Look.Settled(new Failed(Reason.NOT_FOUND, why));
      case Resolution.Here(var repository, var entry) -> found(now, request, repository, entry);
      case Resolution.Upstream(var mirror, _) ->
          new Look.ToFetch(mirror, request.reference().manifestKey());
    };
  }

  private Look found(Catalog now, PullRequest request, String repository, ManifestEntry entry)
      throws IOException, PullFailedException {
    Optional<Digest> lost = present.lost(entry);
    if (lost.isPresent()) {
      return again(request, repository, entry, lost.get());
    }
    return switch (present.find(now, repository, entry, request.platform())) {
      case Presence.Here(var manifest) -> {
        Optional<Digest> missing = present.lost(manifest);
        yield missing.isPresent()
            ? again(request, repository, entry, missing.get())
            : new Look.Settled(
                pulled(
                    request.reference(),
                    repository,
                    entry.digest(),
                    manifest,
                    Transferred.NOTHING));
      }
      case Presence.NoPlatform(var index) ->
          throw DocumentFetch.noPlatform(request.platform(), index);
      case Presence.NotFetched(var missing) -> {
        boolean mirrored = repository.equals(MirrorName.of(request.reference()));
        if (!mirrored || request.policy() == PullPolicy.NEVER) {
          throw new PullFailedException(
              Reason.NOT_FOUND,
              "manifest " + missing.digest() + " for " + request.platform() + " is not here");
        }
        // The tag keeps the meaning it had: the platform is added to it, not a newer image.
        yield new Look.ToFetch(repository, entry.digest().toString());
      }
    };
  }

  /** What was set aside because it was damaged is fetched again, if it came from elsewhere. */
  private static Look again(
      PullRequest request, String repository, ManifestEntry entry, Digest lost)
      throws PullFailedException {
    if (!repository.equals(MirrorName.of(request.reference()))
        || request.policy() == PullPolicy.NEVER) {
      throw new PullFailedException(
          Reason.NOT_FOUND,
          lost + " of " + request.reference() + " was lost, push or pull the image again");
    }
    return new Look.ToFetch(repository, entry.digest().toString());
  }

  /** Stores content again that some registry had. */
  public Optional<String> refetch(Damage.Source source) throws IOException, InterruptedException {
    Reference manifest = source.manifest();
    try {
      // Whose pull it came by isn't kept, so only a log-in for all namespaces will do.
      RegistryConnection registry = connect(manifest, "");
      if (source.isDocument()) {
        store.store(
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

  private RegistryConnection connect(Reference reference, String namespace)
      throws PullFailedException {
    try {
      return new RegistryConnection(
          transport, reference.apiHost(), credentials.forHost(reference.host(), namespace));
    } catch (CredentialsUnusableException e) {
      throw new PullFailedException(Reason.UNAUTHORIZED, String.valueOf(e.getMessage()));
    }
  }

  private PullOutcome fetch(
      PullRequest request, String mirror, String key, Consumer<Announcement> listener)
      throws IOException, PullFailedException, InterruptedException {
    Reference reference = request.reference();
    RegistryConnection registry = connect(reference, request.namespace());
    String upstream = reference.repository();
    DocumentFetch.Found found =
        new DocumentFetch(registry, limits.image()).fetch(upstream, key, request.platform());
    BlobDownload download = download(registry, mirror);
    Manifest manifest = found.manifest();
    configs.requireSmall(manifest);
    Transferred config = fetcher.fetchAll(download, upstream, List.of(manifest.config()));
    configs.requirePlatform(manifest, request.platform());
    // It can be read along until the registry itself has it.
    try (Arrivals.Image _ = arrivals.begin(mirror, found.path().getFirst().content(), manifest)) {
      announce(mirror, found, listener);
      Transferred layers = fetcher.fetchAll(download, upstream, manifest.layers());
      return link(request, mirror, found, registry, download, config.plus(layers));
    }
  }

  private void announce(String mirror, DocumentFetch.Found found, Consumer<Announcement> listener) {
    List<Descriptor> layers = found.manifest().layers();
    long missing =
        layers.stream()
            .filter(layer -> store.find(layer.digest()).isEmpty())
            .mapToLong(Descriptor::size)
            .sum();
    if (missing >= ANNOUNCED_BYTES_MIN) {
      listener.accept(
          new Announcement(
              mirror,
              found.path().getFirst().digest(),
              layers.size(),
              layers.stream().mapToLong(Descriptor::size).sum()));
    }
  }

  /** Makes what was fetched visible, in one change. */
  private PullOutcome link(
      PullRequest request,
      String mirror,
      DocumentFetch.Found found,
      RegistryConnection registry,
      BlobDownload download,
      Transferred moved)
      throws IOException, PullFailedException, InterruptedException {
    Reference reference = request.reference();
    List<ManifestEntry> entries = store(found.path());
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
    return pulled(reference, mirror, entries.getLast().digest(), entries.getFirst(), moved);
  }

  private List<ManifestEntry> store(List<DocumentFetch.Document> path) throws IOException {
    for (DocumentFetch.Document document : path) {
      leases.take(document.digest());
      store.store(document.content());
    }
    return path.stream()
        .map(document -> ManifestEntry.of(document.value(), document.content()))
        .toList();
  }

  private static Pulled pulled(
      Reference reference,
      String repository,
      Digest digest,
      ManifestEntry manifest,
      Transferred moved) {
    List<Descriptor> children = manifest.children();
    return new Pulled(
        reference,
        repository,
        digest,
        manifest.digest(),
        children.getFirst().digest(),
        children.size() - 1,
        children.stream().mapToLong(Descriptor::size).sum(),
        moved.fetched(),
        moved.reused());
  }

  @Override
  public void close() {
    transport.close();
  }
}
