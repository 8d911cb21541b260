package dev.waybill.eventlog.outbox;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.waybill.contracts.EventCatalog;
import dev.waybill.contracts.EventType;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Lineage;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** A row of the outbox table, as Debezium's event router or the table itself gives it. */
record OutboxRow(long sequence, Draft draft) {

  static OutboxRow of(SourceRecord routed) {
    String id = text(routed, "id");
    var lineage = Lineage.origin(id, text(routed, "actor"), optionalText(routed, "traceparent"));
    return of(
        id,
        lineage,
        text(routed, "type"),
        ((Number) header(routed, "sequence").value()).longValue(),
        text(routed, "occurred"),
        payload(routed));
  }

  /** The row under the cursor, with the columns by their names. */
  static OutboxRow of(ResultSet row) throws SQLException {
    String id = row.getString("id");
    return of(
        id,
        Lineage.origin(id, row.getString("actor"), row.getString("traceparent")),
        row.getString("type"),
        row.getLong("sequence"),
        row.getString("occurred"),
        row.getBytes("payload"));
  }

  private static OutboxRow of(
      String id, Lineage lineage, String typeName, long sequence, String occurred, byte[] payload) {
    EventType type =
        EventCatalog.find(typeName)
            .orElseThrow(
                () -> new IllegalStateException("outbox row " + id + " has an unknown type"));
    try {
      return new OutboxRow(
          sequence, Draft.fact(id, type.parse(payload), Instant.parse(occurred), lineage));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("outbox row " + id + " is no valid " + type.name(), e);
    }
  }

  private static byte[] payload(SourceRecord routed) {
    return switch (routed.value()) {
      case byte[] bytes -> bytes;
      case ByteBuffer buffer -> {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        yield bytes;
      }
      // A message with default values only has no bytes at all, which the router gives as null.
      case null -> new byte[0];
      default -> throw new IllegalStateException("outbox payload is " + routed.value().getClass());
    };
  }

  private static String text(SourceRecord routed, String name) {
    return header(routed, name).value().toString();
  }

  private static @Nullable String optionalText(SourceRecord routed, String name) {
    Object value = header(routed, name).value();
    return value == null ? null : value.toString();
  }

  private static Header header(SourceRecord routed, String name) {
    Header header = routed.headers().lastWithName(name);
    if (header == null) {
      throw new IllegalStateException("outbox row without " + name);
    }
    return header;
  }
}
