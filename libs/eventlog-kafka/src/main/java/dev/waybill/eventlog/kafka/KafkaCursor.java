package dev.waybill.eventlog.kafka;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A consumer without a group: its positions are whoever's opened it. */
final class KafkaCursor implements Cursor {
  private final KafkaConsumer<byte[], byte[]> consumer;

  KafkaCursor(Properties client, Map<Partition, Long> from) {
    var settings = new Properties();
    settings.putAll(client);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "1000");
    this.consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.assign(from.keySet().stream().map(KafkaEventLog::kafka).toList());
    from.forEach((partition, offset) -> consumer.seek(KafkaEventLog.kafka(partition), offset));
  }

  @Override
  public List<Recorded> poll(Duration atMost) {
    try {
      var events = new ArrayList<Recorded>();
      for (ConsumerRecord<byte[], byte[]> fetched : consumer.poll(atMost)) {
        events.add(recorded(fetched));
      }
      return events;
    } catch (WakeupException e) {
      return List.of();
    }
  }

  private static Recorded recorded(ConsumerRecord<byte[], byte[]> fetched) {
    var partition = new Partition(Topic.of(fetched.topic()), fetched.partition());
    try {
      Event event = KafkaHeaders.parse(fetched.headers(), fetched.value());
      return new Recorded(
          partition, fetched.offset(), Instant.ofEpochMilli(fetched.timestamp()), event);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "the log holds no event at %s offset %d: who wrote it?"
              .formatted(partition, fetched.offset()),
          e);
    }
  }

  @Override
  public long position(Partition partition) {
    return consumer.position(KafkaEventLog.kafka(partition));
  }

  @Override
  public void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
