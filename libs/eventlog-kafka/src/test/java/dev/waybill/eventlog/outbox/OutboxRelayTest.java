package dev.waybill.eventlog.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.Topic;
import dev.waybill.contracts.workload.WorkloadRemoved;
import dev.waybill.embedded.EmbeddedDatabase;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.InMemoryEventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debezium against a real PostgreSQL that is killed, and whose slot is taken away. */
class OutboxRelayTest {
  private static final String SOURCE = "/cells/local/platform-api";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir static Path directory;
  private static EmbeddedDatabase database;

  private final EventLog log = new InMemoryEventLog(Cell.LOCAL, InstantSource.system());
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private long written;

  @BeforeAll
  static void startDatabase() {
    database = EmbeddedDatabase.start(directory.resolve("postgres"));
  }

  @AfterAll
  static void stopDatabase() {
    database.close();
  }

  @BeforeEach
  void emptyTable() throws Exception {
    Files.deleteIfExists(offsets());
    execute("drop schema if exists test cascade");
    execute("drop publication if exists dbz_publication");
    execute(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active");
    execute("create schema test");
    execute(
        """
        create table test.outbox (id uuid primary key, aggregatetype text not null,
          aggregateid text not null, topic text not null, subject text not null, type text not null,
          sequence bigint not null unique, occurred text not null, actor text not null,
          traceparent text, payload bytea not null)""");
  }

  @Test
  void rows_reach_the_log_in_order() throws Exception {
    try (var relay = relay()) {
      relay.awaitStreaming();
      insert(20);

      assertThat(sequences(20)).containsExactlyElementsOf(numbers(20));
    }
  }

  @Test
  void a_relay_that_comes_again_carries_nothing_twice() throws Exception {
    try (var relay = relay()) {
      relay.awaitStreaming();
      insert(5);
      sequences(5);
    }
    insert(5);
    try (var relay = relay()) {
      relay.awaitStreaming();
      insert(5);

      assertThat(sequences(15)).containsExactlyElementsOf(numbers(15));
    }
  }

  @Test
  void rows_written_while_the_slot_was_gone_are_read_from_the_table() throws Exception {
    try (var relay = relay()) {
      relay.awaitStreaming();
      insert(3);
      sequences(3);
    }
    execute("select pg_drop_replication_slot('test_slot')");
    insert(3);
    try (var relay = relay()) {
      relay.awaitStreaming();
      insert(3);

      assertThat(sequences(9)).containsExactlyElementsOf(numbers(9));
    }
  }

  @Test
  void a_slot_that_is_dropped_under_the_running_relay_is_made_anew() throws Exception {
    try (var relay = relay()) {
      relay.awaitStreaming();
      insert(3);
      sequences(3);
      dropActiveSlot();
      insert(3);

      assertThat(sequences(6)).containsExactlyElementsOf(numbers(6));
    }
  }

  @Test
  void a_server_that_is_killed_loses_no_committed_row() throws Exception {
    try (var relay = relay()) {
      relay.awaitStreaming();
      insert(10);
      database.process().orElseThrow().destroyForcibly();
      insertPatiently(10);

      assertThat(sequences(20)).containsExactlyElementsOf(numbers(20));
    }
  }

  @Test
  void a_row_that_is_nowhere_is_an_error_that_names_it() throws Exception {
    insert(3);
    execute("delete from test.outbox where sequence = 2");
    try (var ignored = relay()) {
      assertThat(failure.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .hasMessageContaining("outbox rows 2 to 2 are missing");
    }
  }

  private OutboxRelay relay() {
    var table =
        new OutboxTable(
            "127.0.0.1",
            database.port(),
            "postgres",
            database.user(),
            "none",
            "test",
            "test_slot",
            offsets());
    return new OutboxRelay(log, SOURCE, table, failure::complete);
  }

  private static Path offsets() {
    return directory.resolve("offsets");
  }

  private void insert(int rows) throws SQLException {
    for (int i = 0; i < rows; i++) {
      insertOne();
    }
  }

  private void insertOne() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        var insert =
            connection.prepareStatement(
                "insert into test.outbox values (?, 'network', 'n', 'waybill.workloads',"
                    + " 'network/n', 'waybill.workload.v1.WorkloadRemoved', ?,"
                    + " '2026-01-01T00:00:00Z', 'user/test', null, ?)")) {
      insert.setObject(1, UUID.randomUUID());
      insert.setLong(2, written + 1);
      insert.setBytes(3, WorkloadRemoved.newBuilder().setName("n").build().toByteArray());
      insert.executeUpdate();
      written++;
    }
  }

  /** As a client does whose connection breaks: the same row again, which is there at most once. */
  private void insertPatiently(int rows) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long goal = written + rows;
    while (written < goal) {
      try {
        insertOne();
      } catch (SQLException e) {
        if ("23505".equals(e.getSQLState())) {
          written++;
        } else if (System.nanoTime() > deadline) {
          throw e;
        } else {
          TimeUnit.MILLISECONDS.sleep(50);
        }
      }
    }
  }

  private static void dropActiveSlot() throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        execute("select pg_terminate_backend(active_pid) from pg_replication_slots where active");
        execute("select pg_drop_replication_slot('test_slot')");
        return;
      } catch (SQLException e) {
        // Terminated is not ended yet: the slot is in use for a moment more.
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
    }
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The sequence numbers on the log once there are that many. */
  private List<Long> sequences(int count) {
    List<Long> sequences = new ArrayList<>();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Cursor cursor = log.open(Map.of(new Partition(Topic.WORKLOADS, 0), 0L))) {
      while (sequences.size() < count && System.nanoTime() < deadline) {
        for (Recorded recorded : cursor.poll(Duration.ofMillis(100))) {
          sequences.add(recorded.event().sequence());
        }
      }
    }
    return sequences;
  }

  private static List<Long> numbers(int last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }
}
