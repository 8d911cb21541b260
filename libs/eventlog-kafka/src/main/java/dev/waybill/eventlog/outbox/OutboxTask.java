package dev.waybill.eventlog.outbox;

import io.debezium.config.Configuration;
import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.PostgresPartition;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import java.lang.reflect.Field;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Debezium's task with a queue that waits longer.
 *
 * <p>One setting, {@code poll.interval.ms}, says how long Debezium sleeps between two looks at the
 * replication stream, and how long its queue waits for a batch. The first must be short, for it is
 * a part of each request's time. The second need not be: a full batch wakes the queue's reader, and
 * our batches are of one row. But the queue (of 3.4) spins through the last millisecond of each of
 * its waits, which with a short interval took a sixth of a processor from an idle platform. There
 * is no setting for it alone, so its field is set.
 */
public final class OutboxTask extends PostgresConnectorTask {
  /** The queue's waits; a stop may take as long. */
  static final Duration WAIT = Duration.ofMillis(200);

  private static final Logger LOG = LoggerFactory.getLogger(OutboxTask.class);

  @Override
  public ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> start(
      Configuration config) {
    var coordinator = super.start(config);
    try {
      waitLonger((ChangeEventQueue<?>) field(PostgresConnectorTask.class, "queue").get(this));
    } catch (ReflectiveOperationException e) {
      // Nothing is wrong but the waste.
      LOG.warn("this version of Debezium is built otherwise, its queue spins: {}", e.toString());
    }
    return coordinator;
  }

  static void waitLonger(ChangeEventQueue<?> queue) throws ReflectiveOperationException {
    field(ChangeEventQueue.class, "pollInterval").set(queue, WAIT);
  }

  static Field field(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }
}
