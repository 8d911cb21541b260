package dev.waybill.eventlog.decider;

import dev.waybill.eventlog.Writer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a decider loop running on a thread of its own. A loop that fails is replaced by one that
 * recovers from the log; a loop that is fenced ends, because its successor runs elsewhere.
 */
public final class DeciderService<S> implements AutoCloseable {
  private static final Duration BEFORE_ANOTHER = Duration.ofSeconds(1);

  private final DeciderLoop.Parts<S> parts;
  private final BiConsumer<String, Throwable> report;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable DeciderLoop<S> loop;

  /**
   * Starts it.
   *
   * @param report told the decider's name and what ended a loop
   */
  public DeciderService(DeciderLoop.Parts<S> parts, BiConsumer<String, Throwable> report) {
    this.parts = parts;
    this.report = report;
    this.thread = Thread.ofPlatform().name("decider-" + parts.decider().name()).start(this::run);
  }

  private void run() {
    boolean again = true;
    while (again) {
      again = runOnce();
    }
  }

  private boolean runOnce() {
    try (var running = new DeciderLoop<>(parts)) {
      loop = running;
      if (stopping.getCount() == 0) {
        return false;
      }
      running.run();
      return false;
    } catch (Writer.FencedException e) {
      report.accept(parts.decider().name(), e);
      return false;
    } catch (RuntimeException e) {
      if (stopping.getCount() == 0) {
        return false;
      }
      report.accept(parts.decider().name(), e);
      return !stopsWithin(BEFORE_ANOTHER);
    }
  }

  private boolean stopsWithin(Duration time) {
    try {
      return stopping.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** The state now; null before the first loop has recovered. */
  public @Nullable S state() {
    DeciderLoop<S> running = loop;
    return running == null ? null : running.state();
  }

  @Override
  public void close() {
    stopping.countDown();
    DeciderLoop<S> running = loop;
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
