package dev.waybill.eventlog.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.connector.base.DefaultQueueProvider;
import io.debezium.pipeline.DataChangeEvent;
import io.debezium.util.LoggingContext;
import java.time.Duration;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class OutboxTaskTest {
  private static final Duration SHORT = Duration.ofMillis(5);

  @Test
  void the_queue_of_this_version_of_debezium_can_be_told_to_wait_longer() throws Exception {
    ChangeEventQueue<DataChangeEvent> queue =
        new ChangeEventQueue.Builder<DataChangeEvent>()
            .pollInterval(SHORT)
            .maxBatchSize(1)
            .maxQueueSize(2)
            .queueProvider(new DefaultQueueProvider<>(2))
            .loggingContextSupplier(() -> LoggingContext.forConnector("test", "test", "test"))
            .build();

    OutboxTask.waitLonger(queue);

    assertThat(OutboxTask.field(ChangeEventQueue.class, "pollInterval").get(queue))
        .isEqualTo(OutboxTask.WAIT);
    queue.enqueue(new DataChangeEvent(new SourceRecord(null, null, "t", null, "row")));
    assertThat(queue.poll()).hasSize(1);
  }
}
