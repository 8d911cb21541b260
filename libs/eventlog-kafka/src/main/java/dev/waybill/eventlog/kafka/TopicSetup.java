package dev.waybill.eventlog.kafka;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Cell;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Makes the topics as the contracts say, and waits until the broker serves them. */
final class TopicSetup {
  private static final Duration SERVING_WITHIN = Duration.ofSeconds(30);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  private TopicSetup() {}

  static void createMissing(Admin admin, Cell cell, short replication) {
    try {
      Set<String> present = admin.listTopics().names().get();
      List<NewTopic> missing =
          Arrays.stream(Topic.values())
              .filter(topic -> !present.contains(topic.topicName()))
              .map(topic -> newTopic(topic, cell, replication))
              .toList();
      if (!missing.isEmpty()) {
        create(admin, missing);
        awaitServing(admin, cell);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot make the log's topics", e.getCause());
    } catch (InterruptedException e) {
      throw KafkaEventLog.interrupted(e);
    }
  }

  private static void create(Admin admin, List<NewTopic> missing)
      throws ExecutionException, InterruptedException {
    try {
      admin.createTopics(missing).all().get();
    } catch (ExecutionException e) {
      // Another service of the cell started at the same moment and was faster.
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  private static NewTopic newTopic(Topic topic, Cell cell, short replication) {
    var settings = new HashMap<String, String>();
    settings.put("retention.ms", "-1");
    settings.put("retention.bytes", "-1");
    settings.put("message.timestamp.type", "LogAppendTime");
    settings.put(
        "cleanup.policy",
        switch (topic.keeping()) {
          case FOR_GOOD -> "delete";
          case LATEST_PER_KEY -> "compact";
        });
    return new NewTopic(topic.topicName(), cell.partitions(topic), replication).configs(settings);
  }

  private static void awaitServing(Admin admin, Cell cell)
      throws ExecutionException, InterruptedException {
    long deadline = System.nanoTime() + SERVING_WITHIN.toNanos();
    while (!isServing(admin, cell)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "the log's topics don't answer after " + SERVING_WITHIN + ", is a broker down?");
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  private static boolean isServing(Admin admin, Cell cell)
      throws ExecutionException, InterruptedException {
    var ends = new HashMap<TopicPartition, OffsetSpec>();
    for (Topic topic : Topic.values()) {
      for (int number = 0; number < cell.partitions(topic); number++) {
        ends.put(new TopicPartition(topic.topicName(), number), OffsetSpec.latest());
      }
    }
    try {
      return admin.listOffsets(ends).all().get().size() == ends.size();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        return false;
      }
      throw e;
    }
  }
}
