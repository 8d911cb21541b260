package dev.waybill.eventlog.outbox;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the outbox is.
 *
 * @param schema the table's schema; the table is called {@code outbox}
 * @param slot name of the replication slot, kept in the database
 * @param offsets file that keeps how far the slot was read
 */
public record OutboxTable(
    String host,
    int port,
    String database,
    String user,
    String password,
    String schema,
    String slot,
    Path offsets) {

  /**
   * Reads rows directly, in order: those that the slot can't give, because it was lost and made
   * anew.
   *
   * @param after the sequence number before the first
   * @param before the sequence number after the last
   */
  List<OutboxRow> rows(long after, long before, int limit) {
    String sql =
        "select id, type, sequence, occurred, actor, traceparent, payload from %s.outbox"
                .formatted(schema)
            + " where sequence > ? and sequence < ? order by sequence limit ?";
    try (Connection connection = connect();
        PreparedStatement select = connection.prepareStatement(sql)) {
      select.setLong(1, after);
      select.setLong(2, before);
      select.setInt(3, limit);
      try (ResultSet result = select.executeQuery()) {
        List<OutboxRow> rows = new ArrayList<>();
        while (result.next()) {
          rows.add(OutboxRow.of(result));
        }
        return rows;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("cannot read " + schema + ".outbox: " + e.getMessage(), e);
    }
  }

  /** Whether the database knows the slot; without one nothing is kept for us. */
  boolean hasSlot() {
    String sql = "select 1 from pg_replication_slots where slot_name = ?";
    try (Connection connection = connect();
        PreparedStatement select = connection.prepareStatement(sql)) {
      select.setString(1, slot);
      try (ResultSet result = select.executeQuery()) {
        return result.next();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("cannot read the replication slots: " + e.getMessage(), e);
    }
  }

  private Connection connect() throws SQLException {
    String url = "jdbc:postgresql://%s:%d/%s".formatted(host, port, database);
    return DriverManager.getConnection(url, user, password);
  }
}
