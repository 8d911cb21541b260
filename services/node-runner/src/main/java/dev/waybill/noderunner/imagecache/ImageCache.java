package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.imagecache.CacheOutcome.Cached;
import dev.waybill.noderunner.imagecache.CacheOutcome.Fetched;
import dev.waybill.noderunner.imagecache.CacheOutcome.Reason;
import dev.waybill.noderunner.imagecache.ImageSource.UnknownBlobException;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** The images of this host. */
public final class ImageCache {
  private final ImageSource source;
  private final LayerStore layers;
  private final ImageRecords records;
  private final LayerFetcher fetcher;
  private final CacheLimits limits;
  private final Map<Digest, CompletableFuture<CacheOutcome>> underWay = new ConcurrentHashMap<>();
  // Shared by fetches; a removal waits for them, since layers that just came belong to no image
  // yet.
  private final ReadWriteLock fetching = new ReentrantReadWriteLock();

  private ImageCache(
      ImageSource source,
      LayerStore layers,
      ImageRecords records,
      LayerUnpacker unpacker,
      CacheLimits limits) {
    this.source = source;
    this.layers = layers;
    this.records = records;
    this.limits = limits;
    this.fetcher = new LayerFetcher(source, layers, unpacker, limits);
  }

  /** The cache in this directory; what it has is known again after a restart. */
  public static ImageCache open(
      Path data, ImageSource source, LayerStore layers, LayerUnpacker unpacker, CacheLimits limits)
      throws IOException {
    ImageRecords records = ImageRecords.open(data, limits.image(), InstantSource.system());
    return new ImageCache(source, layers, records, unpacker, limits);
  }

  /**
   * Blocks until the image is here or can't be had. Callers that want the same image at the same
   * time share the work and the outcome.
   *
   * @param repository of the platform's registry that has the image
   * @param digest of the manifest for this host's platform, not of an index
   * @throws IOException if the disk fails
   */
  public CacheOutcome ensure(String repository, Digest digest)
      throws IOException, InterruptedException {
    CompletableFuture<CacheOutcome> mine = new CompletableFuture<>();
    CompletableFuture<CacheOutcome> theirs = underWay.putIfAbsent(digest, mine);
    if (theirs != null) {
      return await(theirs);
    }
    try {
      CacheOutcome outcome = ensureAlone(repository, digest);
      mine.complete(
          outcome instanceof Cached(var image, _) ? new Cached(image, Optional.empty()) : outcome);
      return outcome;
    } catch (IOException | InterruptedException | RuntimeException e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      underWay.remove(digest, mine);
    }
  }

  private static CacheOutcome await(CompletableFuture<CacheOutcome> theirs)
      throws IOException, InterruptedException {
    try {
      return theirs.get();
    } catch (ExecutionException e) {
      throw new IOException("another request for the image failed", e.getCause());
    }
  }

  private CacheOutcome ensureAlone(String repository, Digest digest)
      throws IOException, InterruptedException {
    Optional<CachedImage> present = find(digest);
    if (present.isPresent()) {
      records.used(digest);
      return new Cached(present.get(), Optional.empty());
    }
    fetching.readLock().lockInterruptibly();
    try {
      return fetch(repository, digest);
    } catch (CacheFailedException e) {
      return e.outcome();
    } finally {
      fetching.readLock().unlock();
    }
  }

  private Cached fetch(String repository, Digest digest) throws IOException, InterruptedException {
    long start = System.nanoTime();
    byte[] document = manifest(repository, digest);
    try {
      if (!(ImageDocuments.read(document, null, limits.image()) instanceof Manifest manifest)) {
        throw new CacheFailedException(
            Reason.REFUSED, digest + " is an index, ask for the manifest of a platform");
      }
      byte[] content = config(repository, manifest);
      ImageConfig config = ImageConfigs.read(content, limits.image());
      if (config.diffIds().size() != manifest.layers().size()) {
        throw new CacheFailedException(
            Reason.REFUSED,
            "the configuration has "
                + config.diffIds().size()
                + " layers, the manifest "
                + manifest.layers().size());
      }
      List<Descriptor> fetched = fetcher.fetchAll(repository, manifest.layers(), config.diffIds());
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

  private byte[] manifest(String repository, Digest digest) throws IOException {
    byte[] document;
    try {
      document = source.manifest(repository, digest, limits.image().documentBytesMax());
    } catch (UnknownBlobException e) {
      throw new CacheFailedException(
          Reason.NOT_FOUND, "no image " + repository + "@" + digest + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CacheFailedException(Reason.UNREACHABLE, "the registry fails: " + e, e);
    }
    if (!Digest.of(document).equals(digest)) {
      throw new CacheFailedException(
          Reason.DIGEST_MISMATCH, "manifest " + digest + " arrived as " + Digest.of(document));
    }
    return document;
  }

  private byte[] config(String repository, Manifest manifest) throws IOException {
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

  /** Forgets an image, and removes the layers that neither an image nor a container needs. */
  public void remove(Digest digest, ContainerSnapshots snapshots) throws IOException {
    fetching.writeLock().lock();
    try {
      removeAlone(digest, snapshots);
    } finally {
      fetching.writeLock().unlock();
    }
  }

  private void removeAlone(Digest digest, ContainerSnapshots snapshots) throws IOException {
    records.remove(digest);
    SortedSet<Digest> unneeded = layers.all();
    unneeded.removeAll(snapshots.layersInUse());
    for (Digest kept : records.all().keySet()) {
      records.find(kept).ifPresent(image -> unneeded.removeAll(image.config().diffIds()));
    }
    for (Digest diffId : unneeded) {
      layers.remove(diffId);
    }
  }
}
