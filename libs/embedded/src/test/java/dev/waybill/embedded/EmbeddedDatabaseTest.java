package dev.waybill.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDatabaseTest {
  private static final Duration BACK_WITHIN = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void what_is_committed_is_durable() throws SQLException {
    try (var database = EmbeddedDatabase.start(directory)) {
      assertThat(text(database, "select current_setting('fsync')")).isEqualTo("on");
      assertThat(text(database, "select current_setting('synchronous_commit')")).isEqualTo("on");
    }
  }

  @Test
  void a_killed_server_is_replaced_on_the_same_port_with_all_that_was_committed() throws Exception {
    try (var database = EmbeddedDatabase.start(directory)) {
      execute(database, "create table facts (n int)");
      execute(database, "insert into facts values (42)");
      int port = database.port();
      long killed = database.process().orElseThrow().pid();

      database.process().orElseThrow().destroyForcibly();

      assertThat(whenBack(database)).isEqualTo("42");
      assertThat(database.port()).isEqualTo(port);
      assertThat(database.process().orElseThrow().pid()).isNotEqualTo(killed);
    }
  }

  @Test
  void data_is_kept_from_one_start_to_the_next() throws SQLException {
    try (var database = EmbeddedDatabase.start(directory)) {
      execute(database, "create table facts (n int)");
      execute(database, "insert into facts values (7)");
    }
    try (var database = EmbeddedDatabase.start(directory)) {
      assertThat(text(database, "select n from facts")).isEqualTo("7");
    }
  }

  private static String whenBack(EmbeddedDatabase database) throws InterruptedException {
    long deadline = System.nanoTime() + BACK_WITHIN.toNanos();
    while (true) {
      try {
        return text(database, "select n from facts");
      } catch (SQLException away) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("the database didn't come back", away);
        }
        Thread.sleep(50);
      }
    }
  }

  private static String text(EmbeddedDatabase database, String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static void execute(EmbeddedDatabase database, String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
