package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.imagecache.CacheOutcome.Cached;
import dev.waybill.noderunner.imagecache.CacheOutcome.Fetched;
import dev.waybill.noderunner.imagecache.CacheOutcome.Reason;
import dev.waybill.noderunner.imagecache.ImageSource.UnknownBlobException;
import dev.waybill.noderunner.imagecache.LayerFetcher.Origin;
import dev.waybill.noderunner.layer.LayerUnpacker;
import dev.waybill.noderunner.snapshot.ContainerSnapshots;
import dev.waybill.noderunner.snapshot.LayerStore;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.ImageConfigs;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.MalformedImageException;
import dev.waybill.oci.image.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/** The images of this host. */
public final class ImageCache {
  private final Origin usual;
  private final Origin arriving;
  private final LayerStore layers;
  private final ImageRecords records;
  private final LayerFetcher fetcher;
  private final CacheLimits limits;
  private final Map<Digest, Work> underWay = new ConcurrentHashMap<>();
  // Layers of the images that are being fetched, which belong to no image yet; by manifest. They
  // are claimed before the first is looked for, and never while a removal decides.
  private final Map<Digest, List<Digest>> claimed = new HashMap<>();

  /** Who works on an image. */
  private record Work(Kind kind, CompletableFuture<CacheOutcome> end) {
    enum Kind {
      /** Somebody needs it. */
      NEEDED,
      /** Somebody may need it. */
      AHEAD
    }
  }

  private ImageCache(
      ImageSource source,
      ImageSource arriving,
      LayerStore layers,
      ImageRecords records,
      LayerUnpacker unpacker,
      CacheLimits limits) {
    this.usual = Origin.of(source, limits);
    this.arriving = Origin.of(arriving, limits);
    this.layers = layers;
    this.records = records;
    this.limits = limits;
    this.fetcher = new LayerFetcher(layers, unpacker, limits);
  }

  /**
   * The cache in this directory; what it has is known again after a restart.
   *
   * @param source has whole images
   * @param arriving has those that are on their way there, too
   */
  public static ImageCache open(
      Path data,
      ImageSource source,
      ImageSource arriving,
      LayerStore layers,
      LayerUnpacker unpacker,
      CacheLimits limits)
      throws IOException {
    ImageRecords records = ImageRecords.open(data, limits.image(), InstantSource.system());
    return new ImageCache(source, arriving, layers, records, unpacker, limits);
  }

  /**
   * Blocks until the image is here or can't be had. Callers that want the same image at the same
   * time share the work and the outcome. One that is being prefetched is waited for; where that
   * comes to nothing it is fetched as ever.
   *
   * @param repository of the platform's registry that has the image
   * @param digest of the manifest for this host's platform, not of an index
   * @throws IOException if the disk fails
   */
  public CacheOutcome ensure(String repository, Digest digest)
      throws IOException, InterruptedException {
    while (true) {
      Work mine = new Work(Work.Kind.NEEDED, new CompletableFuture<>());
      Work theirs = underWay.putIfAbsent(digest, mine);
      if (theirs == null) {
        return work(mine, usual, repository, digest);
      }
      if (theirs.kind() == Work.Kind.NEEDED) {
        return await(theirs);
      }
      Optional<CacheOutcome> ahead = awaitAhead(theirs);
      if (ahead.isPresent()) {
        return ahead.get();
      }
    }
  }

  /**
   * Fetches an image that may be needed, while it arrives at the registry. Blocks until it is here
   * or could not be had, which is nobody's failure.
   *
   * @return nothing if somebody is at work on the image already
   */
  public Optional<CacheOutcome> prefetch(String repository, Digest digest)
      throws IOException, InterruptedException {
    Work mine = new Work(Work.Kind.AHEAD, new CompletableFuture<>());
    return underWay.putIfAbsent(digest, mine) == null
        ? Optional.of(work(mine, arriving, repository, digest))
        : Optional.empty();
  }

  private CacheOutcome work(Work mine, Origin origin, String repository, Digest digest)
      throws IOException, InterruptedException {
    try {
      CacheOutcome outcome = ensureAlone(origin, repository, digest);
      underWay.remove(digest, mine);
      mine.end()
          .complete(
              outcome instanceof Cached(var image, _)
                  ? new Cached(image, Optional.empty())
                  : outcome);
      return outcome;
    } catch (IOException | InterruptedException | RuntimeException e) {
      underWay.remove(digest, mine);
      mine.end().completeExceptionally(e);
      throw e;
    }
  }

  private static CacheOutcome await(Work theirs) throws IOException, InterruptedException {
    try {
      return theirs.end().get();
    } catch (ExecutionException e) {
      throw new IOException("another request for the image failed", e.getCause());
    }
  }

  /** What came of it, if that is of use to somebody who needs the image. */
  private static Optional<CacheOutcome> awaitAhead(Work theirs) throws InterruptedException {
    try {
      return Optional.of(theirs.end().get()).filter(Cached.class::isInstance);
    } catch (ExecutionException toldWhoBeganIt) {
      return Optional.empty();
    }
  }

  private CacheOutcome ensureAlone(Origin origin, String repository, Digest digest)
      throws IOException, InterruptedException {
    Optional<CachedImage> present = find(digest);
    if (present.isPresent()) {
      records.used(digest);
      return new Cached(present.get(), Optional.empty());
    }
    try {
      return fetch(origin, repository, digest);
    } catch (CacheFailedException e) {
      return e.outcome();
    } finally {
      claim(digest, List.of());
    }
  }

  private synchronized void claim(Digest digest, List<Digest> diffIds) {
    if (diffIds.isEmpty()) {
      claimed.remove(digest);
    } else {
      claimed.put(digest, diffIds);
    }
  }

  private Cached fetch(Origin origin, String repository, Digest digest)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    byte[] document = manifest(origin.source(), repository, digest);
    try {
      if (!(ImageDocuments.read(document, null, limits.image()) instanceof Manifest manifest)) {
        throw new CacheFailedException(
            Reason.REFUSED, digest + " is an index, ask for the manifest of a platform");
      }
      byte[] content = config(origin.source(), repository, manifest);
      ImageConfig config = ImageConfigs.read(content, limits.image());
      if (config.diffIds().size() != manifest.layers().size()) {
        throw new CacheFailedException(
            Reason.REFUSED,
            "the configuration has "
                + config.diffIds().size()
                + " layers, the manifest "
                + manifest.layers().size());
      }
      claim(digest, config.diffIds());
      List<Descriptor> fetched =
          fetcher.fetchAll(origin, repository, manifest.layers(), config.diffIds());
      records.keep(digest, document, content);
      return new Cached(
          new CachedImage(digest, manifest, config),
          Optional.of(
              new Fetched(
                  fetched.stream().mapToLong(Descriptor::size).sum(),
                  fetched.size(),
                  Duration.ofNanos(System.nanoTime() - start))));
    } catch (MalformedImageException e) {
      throw new CacheFailedException(Reason.REFUSED, "image " + digest + ": " + e.getMessage(), e);
    }
  }

  private byte[] manifest(ImageSource source, String repository, Digest digest) throws IOException {
    byte[] document;
    try {
      document = source.manifest(repository, digest, limits.image().documentBytesMax());
    } catch (UnknownBlobException e) {
      throw new CacheFailedException(
          Reason.NOT_FOUND, "no image " + repository + "@" + digest + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CacheFailedException(Reason.UNREACHABLE, "the registry fails: " + e, e);
    }
    Digest actual = digest.likewise(document);
    if (!actual.equals(digest)) {
      throw new CacheFailedException(
          Reason.DIGEST_MISMATCH, "manifest " + digest + " arrived as " + actual);
    }
    return document;
  }

  private byte[] config(ImageSource source, String repository, Manifest manifest)
      throws IOException {
    if (manifest.config().size() > limits.image().configBytesMax()) {
      throw new CacheFailedException(
          Reason.REFUSED,
          "a configuration of "
              + manifest.config().size()
              + " bytes is over the limit of "
              + limits.image().configBytesMax());
    }
    try (ResumedBlob blob =
        new ResumedBlob(source, repository, manifest.config(), limits.breaksMax())) {
      byte[] content = blob.readAllBytes();
      blob.requireWhole();
      return content;
    }
  }

  /** The image, if all of it is here. */
  public Optional<CachedImage> find(Digest digest) throws IOException {
    return records
        .find(digest)
        .filter(image -> image.config().diffIds().stream().allMatch(layers::has));
  }

  /** The images that are here, with the time of their last use. */
  public Map<Digest, Instant> all() throws IOException {
    return records.all();
  }

  /**
   * Forgets an image, and removes the layers that no image has, whether it is here or on its way,
   * and no container needs.
   */
  public synchronized void remove(Digest digest, ContainerSnapshots snapshots) throws IOException {
    records.remove(digest);
    SortedSet<Digest> unneeded = layers.all();
    claimed.values().forEach(unneeded::removeAll);
    unneeded.removeAll(snapshots.layersInUse());
    for (Digest kept : records.all().keySet()) {
      records.find(kept).ifPresent(image -> unneeded.removeAll(image.config().diffIds()));
    }
    for (Digest diffId : unneeded) {
      layers.remove(diffId);
    }
  }
}
