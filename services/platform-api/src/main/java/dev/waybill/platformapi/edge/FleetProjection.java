package dev.waybill.platformapi.edge;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.CausalCursor;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.fleet.Fleet;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The fleet, folded from the log as it grows. Nothing else writes it. */
final class FleetProjection implements AutoCloseable {
  private static final Set<Topic> TOPICS =
      Set.of(
          Topic.WORKLOADS,
          Topic.REGISTRY,
          Topic.IMAGES,
          Topic.SCHEDULING,
          Topic.NETWORKING,
          Topic.NODES,
          Topic.ASSIGNMENTS);
  private static final Duration TURN = Duration.ofMillis(200);

  private final EventLog log;
  private final Cursor cursor;
  private volatile Map<Partition, Long> read;
  private final Consumer<Recorded> listener;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile Fleet fleet = Fleet.EMPTY;
  private volatile boolean stopping;

  /**
   * Starts folding from the log's beginning.
   *
   * @param listener sees each event before anybody can see it in the fleet; it is waited for
   * @param failed told when the fold ends by itself
   */
  FleetProjection(EventLog log, Consumer<Recorded> listener, Consumer<Throwable> failed) {
    Map<Partition, Long> from = new HashMap<>();
    for (Topic topic : TOPICS) {
      log.partitions(topic).forEach(partition -> from.put(partition, 0L));
    }
    this.log = log;
    this.read = Map.copyOf(from);
    this.cursor = new CausalCursor(log, from);
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("fleet-projection").start(() -> run(failed));
  }

  private void run(Consumer<Throwable> failed) {
    try (cursor) {
      while (!stopping) {
        fold(cursor.poll(TURN));
        read = positions();
      }
    } catch (RuntimeException e) {
      if (!stopping) {
        failed.accept(e);
      }
    }
  }

  private void fold(List<Recorded> events) {
    if (events.isEmpty()) {
      return;
    }
    Fleet next = fleet;
    for (Recorded recorded : events) {
      next = next.with(recorded.event());
    }
    events.forEach(listener);
    lock.lock();
    try {
      fleet = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Map<Partition, Long> positions() {
    Map<Partition, Long> positions = new HashMap<>();
    read.keySet().forEach(partition -> positions.put(partition, cursor.position(partition)));
    return Map.copyOf(positions);
  }

  /** Records on the log that the fleet doesn't show yet. */
  long lag() {
    Map<Partition, Long> seen = read;
    long lag = 0;
    for (Map.Entry<Partition, Long> end : log.committedEnds(seen.keySet()).entrySet()) {
      lag += Math.max(0, end.getValue() - seen.getOrDefault(end.getKey(), 0L));
    }
    return lag;
  }

  /** The fleet now. */
  Fleet now() {
    return fleet;
  }

  /** Waits until the fleet is as wanted; gives the fleet at that moment or at the deadline. */
  Fleet await(Predicate<Fleet> wanted, Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lock();
    try {
      while (!wanted.test(fleet) && left > 0) {
        left = changed.awaitNanos(left);
      }
      return fleet;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    stopping = true;
    cursor.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
