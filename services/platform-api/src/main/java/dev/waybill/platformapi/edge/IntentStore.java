package dev.waybill.platformapi.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.EventCatalog;
import dev.waybill.contracts.EventType;
import dev.waybill.kernel.IdSource;
import dev.waybill.platformapi.intent.Problem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Keeps intent: rows, outbox row and idempotency row in one transaction. */
final class IntentStore {
  private static final String UNIQUE_VIOLATION = "23505";

  private final DataSource database;
  private final String source;
  private final InstantSource clock;
  private final IdSource ids;

  /** Who asks, and in which trace. */
  record Asker(String actor, @Nullable String traceparent) {}

  /** Work inside one transaction. */
  interface Work<T> {
    T in(Transaction transaction) throws SQLException;
  }

  IntentStore(DataSource database, String source, InstantSource clock, IdSource ids) {
    this.database = database;
    this.source = source;
    this.clock = clock;
    this.ids = ids;
  }

  /**
   * Runs {@code work} in one transaction, all or nothing.
   *
   * @throws Problem.Raised 409 if a name is taken
   */
  <T> T transact(Asker asker, Work<T> work) {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.in(new Transaction(connection, asker));
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      if (UNIQUE_VIOLATION.equals(e.getSQLState())) {
        throw new Problem.Raised(
            Problem.conflict("that name is taken, choose another or remove it"));
      }
      if (isAway(e)) {
        throw new Problem.Raised(
            Problem.unavailable(
                "the intent store is away, ask again with the same Idempotency-Key: "
                    + e.getMessage()));
      }
      throw new IllegalStateException("the intent store refused: " + e.getMessage(), e);
    }
  }

  /** Ids of the containers whose names are taken. */
  Set<String> heldContainers() {
    return transact(
        new Asker("system/platform-api", null),
        transaction -> {
          try (PreparedStatement select =
                  transaction.connection.prepareStatement(
                      "select id from platform_api.container_intent");
              ResultSet rows = select.executeQuery()) {
            Set<String> ids = new HashSet<>();
            while (rows.next()) {
              ids.add(rows.getString(1));
            }
            return ids;
          }
        });
  }

  /**
   * Whether the server, not the statement, is what is wrong: no connection, no resources, shutting
   * down or starting.
   *
   * @see <a href="https://www.postgresql.org/docs/18/errcodes-appendix.html">SQLSTATE classes</a>
   */
  private static boolean isAway(SQLException e) {
    String state = e.getSQLState();
    return state == null
        || state.startsWith("08")
        || state.startsWith("53")
        || state.startsWith("57P");
  }

  /** One open transaction. */
  final class Transaction {
    private final Connection connection;
    private final Asker asker;

    private Transaction(Connection connection, Asker asker) {
      this.connection = connection;
      this.asker = asker;
    }

    /** Adds an event to the outbox; gives its id. */
    String publish(Message event) throws SQLException {
      EventType type = EventCatalog.typeOf(event);
      String id = ids.next();
      long sequence = nextSequence();
      String sql =
          "insert into platform_api.outbox (id, aggregatetype, aggregateid, topic, subject, type,"
              + " sequence, occurred, actor, traceparent, payload)"
              + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
      try (PreparedStatement insert = connection.prepareStatement(sql)) {
        String subject = type.subject(event);
        insert.setObject(1, UUID.fromString(id));
        insert.setString(2, subject.substring(0, subject.indexOf('/')));
        insert.setString(3, subject);
        insert.setString(4, type.topic().topicName());
        insert.setString(5, subject);
        insert.setString(6, type.name());
        insert.setLong(7, sequence);
        insert.setString(8, now().toString());
        insert.setString(9, asker.actor());
        insert.setString(10, asker.traceparent());
        insert.setBytes(11, EventCatalog.encode(event));
        insert.executeUpdate();
      }
      return id;
    }

    /** The row's lock makes writers queue, so that numbers commit in order. */
    private long nextSequence() throws SQLException {
      String sql =
          "insert into platform_api.outbox_counter (source, last) values (?, 1)"
              + " on conflict (source) do update set last = outbox_counter.last + 1"
              + " returning last";
      try (PreparedStatement next = connection.prepareStatement(sql)) {
        next.setString(1, source);
        try (ResultSet row = next.executeQuery()) {
          row.next();
          return row.getLong(1);
        }
      }
    }

    Instant now() {
      return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /** Changes rows; gives how many. */
    int update(String sql, Object... values) throws SQLException {
      try (PreparedStatement statement = prepare(sql, values)) {
        return statement.executeUpdate();
      }
    }

    /** The first column of the first row, as text. */
    Optional<String> find(String sql, Object... values) throws SQLException {
      try (PreparedStatement statement = prepare(sql, values);
          ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
      }
    }

    private PreparedStatement prepare(String sql, Object... values) throws SQLException {
      PreparedStatement statement = connection.prepareStatement(sql);
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement;
    }
  }
}
