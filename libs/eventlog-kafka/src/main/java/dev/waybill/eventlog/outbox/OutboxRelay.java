package dev.waybill.eventlog.outbox;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Writer;
import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Debezium's engine with the outbox event router, ahead of a {@link Writer}.
 *
 * <p>Debezium delivers at least once. Rows carry the source's gapless sequence numbers, so what the
 * log has already is passed over. What Debezium doesn't give, because its slot was lost, is read
 * from the table; a row that is not there either is an error instead of silence.
 *
 * @see <a
 *     href="https://debezium.io/documentation/reference/stable/transformations/outbox-event-router.html">Outbox
 *     event router</a>
 */
public final class OutboxRelay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxRelay.class);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(5);
  private static final int ROWS_AT_ONCE = 500;

  /** Older than this when it comes, a row has others behind it. */
  private static final Duration LATE = Duration.ofMillis(30);

  private final Writer writer;
  private final OutboxTable table;
  private final Consumer<Throwable> failed;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CountDownLatch streaming = new CountDownLatch(1);
  private @Nullable Run run;

  /** One life of the engine, until it ends by itself or is ended. */
  private record Run(
      DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine,
      CountDownLatch polling,
      AtomicReference<@Nullable Throwable> end) {}

  /**
   * Starts it.
   *
   * @param failed told when rows are missing or the writer broke: nothing is carried from then on
   */
  public OutboxRelay(EventLog log, String source, OutboxTable table, Consumer<Throwable> failed) {
    this.writer = log.openWriter(source, Set.of(Topic.WORKLOADS));
    this.table = table;
    this.failed = failed;
    this.thread = Thread.ofPlatform().name("outbox-relay").start(this::runUntilClosed);
  }

  private void runUntilClosed() {
    try {
      do {
        Throwable end = runOnce();
        if (end instanceof MissingRowsException || end instanceof Writer.BrokenException) {
          failed.accept(end);
          return;
        }
        if (end != null && closed.getCount() > 0) {
          LOG.warn("the outbox isn't read, trying again: {}", end.toString());
        }
      } while (!closed.await(BETWEEN_TRIES.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      streaming.countDown();
    }
  }

  private @Nullable Throwable runOnce() {
    try {
      if (!table.hasSlot()) {
        // They say how far a slot was read; of another slot they mean nothing.
        Files.deleteIfExists(table.offsets());
      }
      catchUp();
    } catch (IOException e) {
      return e;
    } catch (IllegalStateException e) {
      return e;
    }
    Run next = prepare();
    if (next != null) {
      next.engine().run();
      return rootOf(next.end().get());
    }
    return null;
  }

  /** The engine wraps what its consumer throws. */
  private static @Nullable Throwable rootOf(@Nullable Throwable error) {
    Throwable root = error;
    while (root != null && !(root instanceof Writer.BrokenException) && root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** The next life, or null when there is to be none. */
  private synchronized @Nullable Run prepare() {
    if (closed.getCount() == 0) {
      return null;
    }
    var polling = new CountDownLatch(1);
    var end = new AtomicReference<@Nullable Throwable>();
    DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine =
        DebeziumEngine.create(Connect.class)
            .using(settings(table))
            .using(
                (success, message, error) -> {
                  if (!success) {
                    end.set(
                        error != null ? error : new IllegalStateException(String.valueOf(message)));
                  }
                  polling.countDown();
                })
            .using(
                new DebeziumEngine.ConnectorCallback() {
                  @Override
                  public void pollingStarted() {
                    polling.countDown();
                    streaming.countDown();
                  }
                })
            .notifying(this::carry)
            .build();
    run = new Run(engine, polling, end);
    return run;
  }

  private static Properties settings(OutboxTable table) {
    var p = new Properties();
    p.put("name", "waybill-outbox");
    p.put("connector.class", OutboxConnector.class.getName());
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
    // Whatever goes wrong, our own loop looks at the slot again before the next try.
    p.put("errors.max.retries", "0");
    p.put("table.include.list", table.schema() + ".outbox");
    p.put("tombstones.on.delete", "false");
    // Debezium sleeps for this long between two looks at the replication stream. The default of
    // half a second would be most of a container's start.
    p.put("poll.interval.ms", "5");
    // Its queue wakes the reader for a full batch only; others would wait for the interval again.
    p.put("max.batch.size", "1");
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

  /** Takes from the table what it has beyond the log: all that came while no slot was there. */
  private void catchUp() {
    List<OutboxRow> rows = next(writer.lastSequence(), Long.MAX_VALUE);
    while (!rows.isEmpty()) {
      append(rows);
      rows = next(writer.lastSequence(), Long.MAX_VALUE);
    }
  }

  private void carry(
      List<ChangeEvent<SourceRecord, SourceRecord>> batch,
      RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer)
      throws InterruptedException {
    var rows = new ArrayList<OutboxRow>();
    long last = writer.lastSequence();
    for (ChangeEvent<SourceRecord, SourceRecord> change : batch) {
      OutboxRow row = OutboxRow.of(change.value());
      while (row.sequence() > last + 1) {
        List<OutboxRow> between = next(last, row.sequence());
        if (between.isEmpty()) {
          throw new MissingRowsException(last + 1, row.sequence() - 1);
        }
        rows.addAll(between);
        last = between.getLast().sequence();
      }
      if (row.sequence() == last + 1) {
        rows.add(row);
        last++;
      }
    }
    if (!rows.isEmpty() && isLate(rows.getLast())) {
      // Changes come one at a time; an append for each would never catch up with many writers.
      rows.addAll(next(last, Long.MAX_VALUE));
    }
    append(rows);
    for (ChangeEvent<SourceRecord, SourceRecord> change : batch) {
      committer.markProcessed(change);
    }
    committer.markBatchFinished();
  }

  private static boolean isLate(OutboxRow row) {
    return row.draft().time().isBefore(Instant.now().minus(LATE));
  }

  private void append(List<OutboxRow> rows) {
    writer.append(rows.stream().map(OutboxRow::draft).toList());
  }

  /** The table's next rows without a gap; empty where there is none. */
  private List<OutboxRow> next(long after, long before) {
    List<OutboxRow> rows = table.rows(after, before, ROWS_AT_ONCE);
    long expected = after + 1;
    for (OutboxRow row : rows) {
      if (row.sequence() != expected) {
        throw new MissingRowsException(expected, row.sequence() - 1);
      }
      expected++;
    }
    return rows;
  }

  /** Neither the slot nor the table has them. */
  static final class MissingRowsException extends IllegalStateException {
    MissingRowsException(long first, long last) {
      super(
          "outbox rows %d to %d are missing: was the table changed by hand?".formatted(first, last)
              + " Restore them, or start with a new data directory");
    }
  }

  /** Waits until changes are being read, or never will be. */
  public void awaitStreaming() throws InterruptedException {
    streaming.await();
  }

  private static void end(DebeziumEngine<?> engine) throws IOException {
    try {
      engine.close();
    } catch (IllegalStateException e) {
      // It ended by itself just before, which is all that was wanted.
      LOG.debug("the engine had ended", e);
    }
  }

  @Override
  public void close() {
    try {
      Run last;
      synchronized (this) {
        closed.countDown();
        last = run;
      }
      if (last != null) {
        // An engine that is ended before it polls leaves its tasks behind.
        last.polling().await();
        end(last.engine());
      }
      if (!thread.join(ENDS_WITHIN)) {
        // An engine whose task is just being started anew waits for it, though nobody runs it now.
        thread.interrupt();
        thread.join();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop the outbox relay", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      writer.close();
    }
  }
}
