package dev.waybill.eventlog.kafka;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A transactional producer whose transactional id is the source: Kafka fences the older one. */
final class KafkaWriter implements Writer {
  private final KafkaProducer<String, byte[]> producer;
  private final Cell cell;
  private final String source;
  private long sequence;
  private boolean broken;

  private KafkaWriter(KafkaProducer<String, byte[]> producer, Cell cell, String source) {
    this.producer = producer;
    this.cell = cell;
    this.source = source;
  }

  static KafkaWriter open(
      EventLog log, Cell cell, Properties client, String source, Set<Topic> topics) {
    var settings = new Properties();
    settings.putAll(client);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "waybill" + source.replace('/', '.'));
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    // Readers wait for an open transaction: one whose writer died must not hold them up for long.
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "10000");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, "0");
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Integer.toString(8 * 1024 * 1024));
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(4 * 1024 * 1024));
    var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    try {
      producer.initTransactions();
      var writer = new KafkaWriter(producer, cell, source);
      // After the fencing: nobody else can add to this source any more.
      writer.sequence = LastSequence.of(log, source, topics);
      return writer;
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  @Override
  public synchronized long lastSequence() {
    return sequence;
  }

  @Override
  public synchronized List<Recorded> append(List<Draft> drafts) {
    if (drafts.isEmpty()) {
      return List.of();
    }
    if (broken) {
      throw new BrokenException(source, new IllegalStateException("an earlier append broke it"));
    }
    try {
      producer.beginTransaction();
      var sent = new ArrayList<Sent>();
      long next = sequence;
      for (Draft draft : drafts) {
        sent.add(send(draft, ++next));
      }
      producer.commitTransaction();
      sequence = next;
      return sent.stream().map(KafkaWriter::recorded).toList();
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new FencedException(source, e);
    } catch (KafkaException e) {
      abort(e);
      throw new IllegalStateException("the log refused an append of " + source, e);
    }
  }

  private record Sent(Partition partition, Event event, Future<RecordMetadata> metadata) {}

  private Sent send(Draft draft, long number) {
    Event event = draft.asEvent(source, number);
    Partition partition = cell.partitionOf(draft.type().topic(), draft.payload());
    var outgoing =
        new ProducerRecord<>(
            partition.topic().topicName(),
            partition.number(),
            cell.key(event.subject()),
            event.data().toByteArray(),
            KafkaHeaders.of(event));
    return new Sent(partition, event, producer.send(outgoing));
  }

  private static Recorded recorded(Sent sent) {
    try {
      RecordMetadata metadata = sent.metadata().get();
      return new Recorded(
          sent.partition(),
          metadata.offset(),
          Instant.ofEpochMilli(metadata.timestamp()),
          sent.event());
    } catch (ExecutionException e) {
      throw new IllegalStateException("committed but not acknowledged", e.getCause());
    } catch (InterruptedException e) {
      throw KafkaEventLog.interrupted(e);
    }
  }

  private void abort(KafkaException cause) {
    try {
      producer.abortTransaction();
    } catch (KafkaException | IllegalStateException e) {
      // The latter where a commit timed out: the producer would only ever try that commit again.
      cause.addSuppressed(e);
      broken = true;
      throw new BrokenException(source, cause);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
