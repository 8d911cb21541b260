package dev.waybill.eventlog.outbox;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Writer;
import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Debezium's engine with the outbox event router, ahead of a {@link Writer}.
 *
 * <p>Debezium delivers at least once. Rows carry the source's gapless sequence numbers, so what the
 * log has already is passed over, and a missing row is an error instead of silence.
 *
 * @see <a
 *     href="https://debezium.io/documentation/reference/stable/transformations/outbox-event-router.html">Outbox
 *     event router</a>
 */
public final class OutboxRelay implements AutoCloseable {
  private final Writer writer;
  private final DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine;
  private final Thread thread;
  private final CountDownLatch streaming = new CountDownLatch(1);

  /**
   * Where the table is.
   *
   * @param schema the table's schema; the table is called {@code outbox}
   * @param slot name of the replication slot, kept in the database
   * @param offsets file that keeps how far the slot was read
   */
  public record Table(
      String host,
      int port,
      String database,
      String user,
      String password,
      String schema,
      String slot,
      Path offsets) {}

  /**
   * Starts it.
   *
   * @param failed told when the engine ends by itself: nothing is carried from then on
   */
  public OutboxRelay(EventLog log, String source, Table table, Consumer<Throwable> failed) {
    this.writer = log.openWriter(source, Set.of(Topic.WORKLOADS));
    this.engine =
        DebeziumEngine.create(Connect.class)
            .using(settings(table))
            .using(
                (success, message, error) -> {
                  streaming.countDown();
                  if (!success) {
                    failed.accept(
                        error != null ? error : new IllegalStateException(String.valueOf(message)));
                  }
                })
            .using(
                new DebeziumEngine.ConnectorCallback() {
                  @Override
                  public void pollingStarted() {
                    streaming.countDown();
                  }
                })
            .notifying(this::carry)
            .build();
    this.thread = Thread.ofPlatform().name("outbox-relay").start(engine);
  }

  private static Properties settings(Table table) {
    var p = new Properties();
    p.put("name", "waybill-outbox");
    p.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    p.put("offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore");
    p.put("offset.storage.file.filename", table.offsets().toString());
    p.put("offset.flush.interval.ms", "1000");
    p.put("topic.prefix", "waybill");
    p.put("database.hostname", table.host());
    p.put("database.port", Integer.toString(table.port()));
    p.put("database.user", table.user());
    p.put("database.password", table.password());
    p.put("database.dbname", table.database());
    p.put("plugin.name", "pgoutput");
    p.put("publication.autocreate.mode", "filtered");
    p.put("slot.name", table.slot());
    p.put("snapshot.mode", "initial");
    p.put("table.include.list", table.schema() + ".outbox");
    p.put("tombstones.on.delete", "false");
    // The default of half a second would be most of a container's start.
    p.put("poll.interval.ms", "5");
    p.put("transforms", "outbox");
    p.put("transforms.outbox.type", "io.debezium.transforms.outbox.EventRouter");
    p.put("transforms.outbox.route.by.field", "topic");
    p.put("transforms.outbox.route.topic.replacement", "${routedByValue}");
    p.put("transforms.outbox.table.field.event.key", "subject");
    p.put(
        "transforms.outbox.table.fields.additional.placement",
        "type:header,sequence:header,occurred:header,actor:header,traceparent:header");
    return p;
  }

  private void carry(
      List<ChangeEvent<SourceRecord, SourceRecord>> batch,
      RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer)
      throws InterruptedException {
    var drafts = new ArrayList<Draft>();
    long last = writer.lastSequence();
    for (ChangeEvent<SourceRecord, SourceRecord> change : batch) {
      OutboxRow row = OutboxRow.of(change.value());
      if (row.sequence() > last + 1) {
        throw new IllegalStateException(
            "outbox rows %d to %d are missing: was the table or the slot changed by hand?"
                    .formatted(last + 1, row.sequence() - 1)
                + " Restore them, or start with a new data directory");
      }
      if (row.sequence() == last + 1) {
        drafts.add(row.draft());
        last++;
      }
    }
    writer.append(drafts);
    for (ChangeEvent<SourceRecord, SourceRecord> change : batch) {
      committer.markProcessed(change);
    }
    committer.markBatchFinished();
  }

  /** Waits until changes are being read. */
  public void awaitStreaming() throws InterruptedException {
    streaming.await();
  }

  @Override
  public void close() {
    try {
      engine.close();
      thread.join();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop the outbox relay", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      writer.close();
    }
  }
}
