package dev.waybill.eventlog;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.util.Base64;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Events in the CloudEvents JSON form, one object without line breaks; {@code data} is Protobuf's
 * JSON, or {@code data_base64} where the type is unknown to this build.
 */
public final class EventJson {
  private static final JsonFormat.Printer PAYLOAD =
      JsonFormat.printer().omittingInsignificantWhitespace().sortingMapKeys();

  private EventJson() {}

  /** The event with its place on the log in the extension attributes of Kafka's names. */
  public static String of(Recorded recorded) {
    SequencedMap<String, String> headers = Headers.of(recorded.event());
    var json = new StringBuilder("{");
    for (Map.Entry<String, String> header : headers.entrySet()) {
      String name = header.getKey();
      if (name.startsWith("ce_")) {
        field(json, name.substring(3), header.getValue());
      }
    }
    field(json, "partition", recorded.partition().toString());
    field(json, "offset", Long.toString(recorded.offset()));
    field(json, "appendedat", recorded.appendedAt().toString());
    return json.append(data(recorded.event())).append('}').toString();
  }

  private static String data(Event event) {
    return event
        .payload()
        .map(payload -> "\"datacontenttype\":\"application/json\",\"data\":" + payloadJson(payload))
        .orElseGet(
            () ->
                "\"datacontenttype\":\"application/protobuf\",\"data_base64\":\""
                    + Base64.getEncoder().encodeToString(event.data().toByteArray())
                    + "\"");
  }

  /** A payload alone, as Protobuf's JSON. */
  public static String payloadJson(Message payload) {
    try {
      return PAYLOAD.print(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a payload without Any must print", e);
    }
  }

  private static void field(StringBuilder json, String name, String value) {
    json.append('"').append(name).append("\":\"");
    value.chars().forEach(c -> escape(json, (char) c));
    json.append("\",");
  }

  private static void escape(StringBuilder json, char c) {
    switch (c) {
      case '"' -> json.append("\\\"");
      case '\\' -> json.append("\\\\");
      default -> {
        if (c < 0x20) {
          json.append("\\u%04x".formatted((int) c));
        } else {
          json.append(c);
        }
      }
    }
  }
}
