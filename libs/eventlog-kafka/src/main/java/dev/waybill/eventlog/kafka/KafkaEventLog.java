package dev.waybill.eventlog.kafka;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Writer;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** {@link EventLog} on a Kafka cluster. */
public final class KafkaEventLog implements EventLog {
  private final Cell cell;
  private final Properties client;
  private final Admin admin;

  /**
   * Connects and makes the topics that are missing.
   *
   * @param client settings for every Kafka client: bootstrap servers and security
   * @param replication copies of each partition, 1 on a single broker
   */
  public KafkaEventLog(Cell cell, Map<String, String> client, short replication) {
    this.cell = cell;
    this.client = new Properties();
    this.client.putAll(client);
    this.admin = Admin.create(this.client);
    TopicSetup.createMissing(admin, cell, replication);
  }

  /** A log on one broker without security, as the embedded platform and tests have it. */
  public static KafkaEventLog onLoopback(Cell cell, String bootstrap) {
    return new KafkaEventLog(
        cell, Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap), (short) 1);
  }

  @Override
  public Writer openWriter(String source, Set<Topic> topics) {
    return KafkaWriter.open(this, cell, client, source, topics);
  }

  @Override
  public List<Partition> partitions(Topic topic) {
    return IntStream.range(0, cell.partitions(topic))
        .mapToObj(n -> new Partition(topic, n))
        .toList();
  }

  @Override
  public Partition partitionOf(Draft draft) {
    return cell.partitionOf(draft.type().topic(), draft.payload());
  }

  @Override
  public long end(Partition partition) {
    // Uncommitted: the markers of a transaction are written a moment after its commit returned, and
    // whoever has appended must find it. Reads give committed events only, and wait for them.
    return offset(partition, OffsetSpec.latest());
  }

  @Override
  public Map<Partition, Long> committedEnds(Collection<Partition> partitions) {
    return offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
  }

  @Override
  public long offsetAt(Partition partition, Instant time) {
    long offset = offset(partition, OffsetSpec.forTimestamp(time.toEpochMilli()));
    return offset < 0 ? end(partition) : offset;
  }

  private long offset(Partition partition, OffsetSpec spec) {
    return Objects.requireNonNull(
        offsets(List.of(partition), spec, IsolationLevel.READ_UNCOMMITTED).get(partition));
  }

  private Map<Partition, Long> offsets(
      Collection<Partition> partitions, OffsetSpec spec, IsolationLevel isolation) {
    var specs = new HashMap<TopicPartition, OffsetSpec>();
    partitions.forEach(partition -> specs.put(kafka(partition), spec));
    var offsets = new TreeMap<Partition, Long>();
    try {
      admin
          .listOffsets(specs, new ListOffsetsOptions(isolation))
          .all()
          .get()
          .forEach((kafka, found) -> offsets.put(ours(kafka), found.offset()));
      return offsets;
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot read offsets of " + partitions, e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public Cursor open(Map<Partition, Long> from) {
    return new KafkaCursor(client, from);
  }

  @Override
  public void close() {
    admin.close();
  }

  static TopicPartition kafka(Partition partition) {
    return new TopicPartition(partition.topic().topicName(), partition.number());
  }

  private static Partition ours(TopicPartition kafka) {
    return new Partition(Topic.of(kafka.topic()), kafka.partition());
  }

  static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while talking to the broker", e);
  }
}
