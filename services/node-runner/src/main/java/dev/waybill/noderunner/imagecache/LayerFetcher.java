package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.imagecache.CacheOutcome.Reason;
import dev.waybill.noderunner.layer.LayerUnpacker;
import dev.waybill.noderunner.layer.UnpackOutcome;
import dev.waybill.noderunner.layer.UnpackOutcome.Refused;
import dev.waybill.noderunner.layer.UnpackOutcome.Unpacked;
import dev.waybill.noderunner.snapshot.LayerDraft;
import dev.waybill.noderunner.snapshot.LayerStore;
import dev.waybill.oci.image.Descriptor;
import java.io.IOException;
import java.util.ArrayList;
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

/** Fetches and unpacks layers side by side; a layer that two images have is fetched once. */
final class LayerFetcher {
  private final LayerStore layers;
  private final LayerUnpacker unpacker;
  private final CacheLimits limits;
  private final Map<Digest, ReentrantLock> underWay = new ConcurrentHashMap<>();

  /**
   * Where layers come from.
   *
   * @param permits how many at once; what arrives slowly must not keep from work what is there
   */
  record Origin(ImageSource source, Semaphore permits) {
    static Origin of(ImageSource source, CacheLimits limits) {
      return new Origin(source, new Semaphore(limits.layersAtOnceMax()));
    }
  }

  LayerFetcher(LayerStore layers, LayerUnpacker unpacker, CacheLimits limits) {
    this.layers = layers;
    this.unpacker = unpacker;
    this.limits = limits;
  }

  /** Has all layers here; the blobs that were fetched for that. */
  List<Descriptor> fetchAll(
      Origin origin, String repository, List<Descriptor> packed, List<Digest> diffIds)
      throws IOException, InterruptedException {
    // Not virtual threads: a system call holds their carrier, and unpacking is system calls.
    try (ExecutorService tasks =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("unpack-", 0).factory())) {
      ExecutorCompletionService<Optional<Descriptor>> done = new ExecutorCompletionService<>(tasks);
      for (int i = 0; i < packed.size(); i++) {
        Descriptor blob = packed.get(i);
        Digest diffId = diffIds.get(i);
        done.submit(
            () -> fetch(origin, repository, blob, diffId) ? Optional.of(blob) : Optional.empty());
      }
      try {
        var fetched = new ArrayList<Descriptor>();
        for (int i = 0; i < packed.size(); i++) {
          done.take().get().ifPresent(fetched::add);
        }
        return fetched;
      } catch (ExecutionException e) {
        tasks.shutdownNow(); // One is enough to fail the image: the others needn't go on.
        throw unwrapped(e);
      } catch (InterruptedException e) {
        tasks.shutdownNow();
        throw e;
      }
    }
  }

  private static IOException unwrapped(ExecutionException e) throws InterruptedException {
    return switch (e.getCause()) {
      case IOException broken -> broken;
      case InterruptedException interrupted -> throw interrupted;
      case RuntimeException bug -> throw bug;
      case null, default -> new IOException("a layer could not be fetched", e.getCause());
    };
  }

  /** Has it here; whether it had to be fetched. */
  private boolean fetch(Origin origin, String repository, Descriptor blob, Digest diffId)
      throws IOException, InterruptedException {
    if (layers.has(diffId)) {
      return false;
    }
    ReentrantLock turn = underWay.computeIfAbsent(diffId, _ -> new ReentrantLock());
    turn.lockInterruptibly();
    try {
      if (layers.has(diffId)) {
        return false;
      }
      origin.permits().acquire();
      try {
        unpack(origin.source(), repository, blob, diffId);
        return true;
      } finally {
        origin.permits().release();
      }
    } finally {
      turn.unlock();
      if (!turn.hasQueuedThreads()) {
        underWay.remove(diffId, turn);
      }
    }
  }

  private void unpack(ImageSource source, String repository, Descriptor blob, Digest diffId)
      throws IOException {
    try (LayerDraft draft = layers.prepare();
        ResumedBlob packed = new ResumedBlob(source, repository, blob, limits.breaksMax())) {
      UnpackOutcome outcome = unpacker.unpack(packed, draft.directory());
      switch (outcome) {
        case Refused(var reason, var message) -> {
          if (reason == UnpackOutcome.Reason.MALFORMED) {
            packed.requireWholeAfterAll();
          }
          throw new CacheFailedException(
              reason == UnpackOutcome.Reason.NO_SPACE ? Reason.NO_SPACE : Reason.REFUSED,
              "layer " + blob.digest() + ": " + message);
        }
        case Unpacked unpacked -> {
          packed.requireWhole();
          requireDiffId(unpacked, diffId);
          draft.commit(diffId);
        }
      }
    }
  }

  private static void requireDiffId(Unpacked unpacked, Digest diffId) throws CacheFailedException {
    if (!unpacked.diffId().equals(diffId)) {
      throw new CacheFailedException(
          Reason.DIGEST_MISMATCH,
          "layer " + diffId + " of the configuration unpacks as " + unpacked.diffId());
    }
  }
}
