package dev.waybill.eventlog.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.Headers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Event attributes as record headers and back. */
final class KafkaHeaders {
  private KafkaHeaders() {}

  static List<Header> of(Event event) {
    var headers = new ArrayList<Header>();
    Headers.of(event)
        .forEach((name, value) -> headers.add(new RecordHeader(name, value.getBytes(UTF_8))));
    return headers;
  }

  static Event parse(Iterable<Header> headers, byte[] value) {
    var attributes = new HashMap<String, String>();
    for (Header header : headers) {
      attributes.put(header.key(), new String(header.value(), UTF_8));
    }
    return Headers.parse(attributes, value);
  }
}
