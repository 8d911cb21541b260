package dev.waybill.cli.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/** An event on one line, for people. */
final class EventLine {
  private static final int DETAIL_LENGTH_MAX = 110;
  private static final Set<String> LEFT_OUT =
      Set.of("containerId", "spec", "candidates", "filtered");

  private EventLine() {}

  static String of(JsonNode event) {
    String type = event.path("type").asText();
    return "%s  %-22s %-34s %s"
        .formatted(
            event.path("appendedat").asText().substring(11, 23),
            type.substring(type.lastIndexOf('.') + 1),
            shorter(event.path("subject").asText()),
            detail(event.path("data")));
  }

  private static String shorter(String subject) {
    int slash = subject.indexOf('/');
    String id = subject.substring(slash + 1);
    return id.matches("[0-9a-f]{32}") ? subject.substring(0, slash + 13) : subject;
  }

  private static String detail(JsonNode data) {
    var detail = new StringBuilder();
    if (data instanceof ObjectNode object) {
      Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator();
      while (fields.hasNext()) {
        Map.Entry<String, JsonNode> field = fields.next();
        if (!LEFT_OUT.contains(field.getKey()) && field.getValue().isValueNode()) {
          detail.append(field.getKey()).append('=').append(value(field.getValue())).append(' ');
        }
      }
    }
    String text = detail.toString().stripTrailing();
    return text.length() <= DETAIL_LENGTH_MAX ? text : text.substring(0, DETAIL_LENGTH_MAX) + "…";
  }

  private static String value(JsonNode value) {
    String text = value.asText();
    return text.startsWith("sha256:")
        ? text.substring(0, 19)
        : text.matches("[0-9a-f]{32}") ? text.substring(0, 12) : text;
  }
}
