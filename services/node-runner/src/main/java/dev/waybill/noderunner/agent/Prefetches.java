package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.PrefetchAssigned;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.Lineage;
import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.imagecache.CacheOutcome;
import dev.waybill.noderunner.imagecache.CacheOutcome.Cached;
import dev.waybill.noderunner.imagecache.ImageCache;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;

/**
 * Fetches images that this node will probably need, beside everything else. Nothing depends on it:
 * what it doesn't fetch, the start of a container does, and tells what is wrong.
 */
final class Prefetches implements AutoCloseable {
  private static final int AT_ONCE_MAX = 16;

  private final ImageCache images;
  private final Journal journal;
  private final String nodeId;
  private final BiConsumer<String, Throwable> report;
  private final Semaphore free = new Semaphore(AT_ONCE_MAX);
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();

  Prefetches(
      ImageCache images, Journal journal, String nodeId, BiConsumer<String, Throwable> report) {
    this.images = images;
    this.journal = journal;
    this.nodeId = nodeId;
    this.report = report;
  }

  /** Begins with one, unless many are under way. */
  void begin(PrefetchAssigned order, Event event, Lineage lineage) {
    if (free.tryAcquire()) {
      tasks.execute(() -> fetch(order, event, lineage));
    }
  }

  private void fetch(PrefetchAssigned order, Event event, Lineage lineage) {
    try {
      Optional<CacheOutcome> outcome =
          images.prefetch(order.getImageRepository(), Digest.parse(order.getImageDigest()));
      // A failure is left to the start that will meet it, if one comes.
      if (outcome.orElse(null) instanceof Cached(var image, var fetched) && fetched.isPresent()) {
        journal.answer(event, lineage, Reports.cached(nodeId, image, fetched.get()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The node stops.
    } catch (IOException | RuntimeException e) {
      if (!tasks.isShutdown()) {
        report.accept("prefetch", e);
      }
    } finally {
      free.release();
    }
  }

  /** Lets go of what is under way; what was unpacked of it is removed. */
  @Override
  public void close() {
    tasks.shutdownNow();
    tasks.close();
  }
}
