package dev.waybill.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.api.ApiClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the time of a start goes: for each event on a container's way, when it stood on the log,
 * counted from the request. The traces are made of the same events.
 */
final class Hops {
  private static final int CONTAINERS = 20;
  private static final String LAST = "ContainerStarted";

  private final Deque<String> ids = new ArrayDeque<>();

  /** Counts a container; the newest are looked at. */
  void add(String id) {
    ids.addLast(id);
    if (ids.size() > CONTAINERS) {
      ids.removeFirst();
    }
  }

  /** Milliseconds from the request until each event was readable. */
  ObjectNode breakdown(ApiClient client) {
    Map<String, Samples> hops = new LinkedHashMap<>();
    for (String id : ids) {
      JsonNode timeline = client.get("/v1/audit/timeline?subject=container/" + id);
      Instant request = Instant.parse(timeline.path(0).path("time").asText());
      for (JsonNode event : timeline) {
        String type = event.path("type").asText();
        String name = type.substring(type.lastIndexOf('.') + 1);
        Instant appended = Instant.parse(event.path("appendedat").asText());
        hops.computeIfAbsent(name, key -> new Samples())
            .add(Duration.between(request, appended).toNanos() / 1e6);
        if (name.equals(LAST)) {
          break;
        }
      }
    }
    ObjectNode json = ApiClient.JSON.createObjectNode();
    hops.forEach((name, samples) -> json.set(name, samples.json()));
    return json;
  }
}
