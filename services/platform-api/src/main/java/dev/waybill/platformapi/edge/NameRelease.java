package dev.waybill.platformapi.edge;

import dev.waybill.contracts.Topic;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.platformapi.edge.IntentStore.Asker;
import dev.waybill.platformapi.intent.Problem;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * A container's name is free again once the log says that the container is gone, and before anybody
 * is told so. While the store is away it waits: so must all that could be asked with the name.
 */
final class NameRelease implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(NameRelease.class);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);
  private static final Asker PLATFORM = new Asker("system/platform-api", null);

  private final IntentStore store;
  private final Set<String> held;
  private final Map<Partition, Long> history = new HashMap<>();
  private volatile boolean stopping;

  NameRelease(IntentStore store, EventLog log) {
    this.store = store;
    log.partitions(Topic.SCHEDULING)
        .forEach(partition -> history.put(partition, log.end(partition)));
    this.held = store.heldContainers();
  }

  /** Takes each event of the log, from its beginning. */
  void see(Recorded recorded) {
    if (recorded.event().payload().orElse(null) instanceof ContainerRemoved removed
        && !isFreeSinceLong(recorded, removed.getContainerId())) {
      free(removed.getContainerId());
    }
  }

  /** History is read again at each start; most of its names were freed when it happened. */
  private boolean isFreeSinceLong(Recorded recorded, String id) {
    return recorded.offset() < history.getOrDefault(recorded.partition(), 0L) && !held.contains(id);
  }

  private void free(String id) {
    while (!stopping) {
      try {
        store.transact(
            PLATFORM,
            transaction ->
                transaction.update("delete from platform_api.container_intent where id = ?", id));
        return;
      } catch (Problem.Raised away) {
        LOG.warnf("the name of container %s can't be freed yet: %s", id, away.getMessage());
        LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
      }
    }
  }

  @Override
  public void close() {
    stopping = true;
  }
}
