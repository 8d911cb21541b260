package dev.waybill.image.edge;

import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Writer;
import dev.waybill.image.catalog.LiveCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a follower running on a thread of its own. One that fails is replaced by one that begins
 * where the log is unanswered; one that is fenced ends, because its successor runs elsewhere.
 */
final class ImageFollowing implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ImageFollowing.class);
  private static final long BEFORE_ANOTHER_MS = 1000;

  private final EventLog log;
  private final ImageDrafts drafts;
  private final LiveCatalog catalog;
  private final ImageRequests requests;
  private final PruneRequests prunes;
  private final CatalogEvents events;
  private final Path checkpoint;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable ImageFollower current;

  ImageFollowing(
      EventLog log,
      ImageDrafts drafts,
      LiveCatalog catalog,
      ImageRequests requests,
      PruneRequests prunes,
      CatalogEvents events,
      Path checkpoint) {
    this.log = log;
    this.drafts = drafts;
    this.catalog = catalog;
    this.requests = requests;
    this.prunes = prunes;
    this.events = events;
    this.checkpoint = checkpoint;
    this.thread = Thread.ofPlatform().name("image-follower").start(this::run);
  }

  private void run() {
    boolean again = true;
    while (again) {
      again = runOnce() && !stopsSoon();
    }
  }

  private boolean runOnce() {
    try (ImageEventWriter writer = new ImageEventWriter(log, drafts);
        ImageFollower follower = new ImageFollower(log, requests, prunes, writer, checkpoint)) {
      events.writeWith(writer, catalog);
      current = follower;
      if (stopping.getCount() == 0) {
        return false;
      }
      follower.run();
      return false;
    } catch (Writer.FencedException e) {
      LOG.errorf(e, "image follower ended, another one took over source=%s", drafts.source());
      return false;
    } catch (IOException | RuntimeException e) {
      LOG.errorf(e, "image follower failed, beginning anew source=%s", drafts.source());
      return true;
    }
  }

  private boolean stopsSoon() {
    try {
      return stopping.await(BEFORE_ANOTHER_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public void close() {
    stopping.countDown();
    ImageFollower running = current;
    if (running != null) {
      running.stop();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
