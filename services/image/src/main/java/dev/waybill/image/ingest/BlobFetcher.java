package dev.waybill.image.ingest;

import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/** Fetches the blobs of images side by side; two images with a blob in common fetch it once. */
final class BlobFetcher {
  private final BlobStore store;
  private final Leases leases;
  private final Semaphore permits;
  private final Map<Digest, ReentrantLock> underWay = new ConcurrentHashMap<>();

  BlobFetcher(BlobStore store, Leases leases, int fetchesMax) {
    this.store = store;
    this.leases = leases;
    this.permits = new Semaphore(fetchesMax);
  }

  /** Has all of these stored; where the bytes of those that weren't came from. */
  Transferred fetchAll(BlobDownload download, String repository, List<Descriptor> blobs)
      throws IOException, PullFailedException, InterruptedException {
    List<Descriptor> distinct = blobs.stream().distinct().toList();
    try (ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<Transferred> done = new ExecutorCompletionService<>(tasks);
      distinct.forEach(blob -> done.submit(() -> fetch(download, repository, blob)));
      Transferred moved = Transferred.NOTHING;
      try {
        for (int i = 0; i < distinct.size(); i++) {
          moved = moved.plus(done.take().get());
        }
        return moved;
      } catch (ExecutionException e) {
        tasks.shutdownNow(); // One is enough to fail the pull: the others needn't go on.
        throw unwrapped(e);
      } catch (InterruptedException e) {
        tasks.shutdownNow();
        throw e;
      }
    }
  }

  private static IOException unwrapped(ExecutionException e)
      throws PullFailedException, InterruptedException {
    return switch (e.getCause()) {
      case PullFailedException failed -> throw failed;
      case IOException broken -> broken;
      case InterruptedException interrupted -> throw interrupted;
      case RuntimeException bug -> throw bug;
      case null, default -> new IOException("a download failed", e.getCause());
    };
  }

  private Transferred fetch(BlobDownload download, String repository, Descriptor blob)
      throws IOException, PullFailedException, InterruptedException {
    leases.take(blob.digest());
    ReentrantLock turn = underWay.computeIfAbsent(blob.digest(), _ -> new ReentrantLock());
    turn.lockInterruptibly();
    try {
      Optional<StoredBlob> stored = store.find(blob.digest());
      if (stored.isPresent()) {
        requireSize(blob, stored.get());
        return Transferred.NOTHING;
      }
      permits.acquire();
      try {
        return download.fetch(repository, blob);
      } finally {
        permits.release();
      }
    } finally {
      turn.unlock();
      if (!turn.hasQueuedThreads()) {
        underWay.remove(blob.digest(), turn);
      }
    }
  }

  private static void requireSize(Descriptor blob, StoredBlob stored) throws PullFailedException {
    if (stored.size() != blob.size()) {
      throw new PullFailedException(
          Reason.DIGEST_MISMATCH,
          "blob " + blob.digest() + " has " + stored.size() + " bytes, not " + blob.size());
    }
  }
}
