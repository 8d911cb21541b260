package dev.waybill.eventlog.outbox;

import io.debezium.connector.postgresql.PostgresConnector;
import org.apache.kafka.connect.connector.Task;

/** Debezium's connector to PostgreSQL with a task that rests while nothing comes. */
@SuppressWarnings("unchecked") // what Debezium overrides in its own way
public final class OutboxConnector extends PostgresConnector {
  @Override
  public Class<? extends Task> taskClass() {
    return OutboxTask.class;
  }
}
