package dev.waybill.eventlog.kafka;

import dev.waybill.contracts.Topic;
import dev.waybill.embedded.EmbeddedBroker;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.testkit.log.EventLogContract;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class KafkaEventLogTest extends EventLogContract {
  @TempDir static Path directory;
  private static EmbeddedBroker broker;
  private KafkaEventLog log;

  @BeforeAll
  static void startBroker() {
    broker = EmbeddedBroker.start(directory.resolve("kafka"));
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Override
  protected EventLog emptyLog() {
    log = KafkaEventLog.onLoopback(Cell.LOCAL, broker.bootstrap());
    return log;
  }

  @AfterEach
  void dropTopics() throws ExecutionException, InterruptedException {
    log.close();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.deleteTopics(Arrays.stream(Topic.values()).map(Topic::topicName).toList()).all().get();
    }
  }
}
