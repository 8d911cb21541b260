package dev.waybill.platformapi.edge;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.eventlog.CausalCursor;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who runs a digest and who did, read from the whole log: containers that were removed long ago are
 * on it as well.
 */
final class DigestUse {
  private static final List<Topic> TOPICS = List.of(Topic.IMAGES, Topic.SCHEDULING, Topic.NODES);
  private static final Duration TURN = Duration.ofMillis(200);

  private final Set<String> digests = new HashSet<>();
  private final Map<String, ContainerRequested> requested = new HashMap<>();
  private final Map<String, Run> runs = new LinkedHashMap<>();
  private final String asked;

  private DigestUse(String asked) {
    this.asked = asked;
    digests.add(asked);
  }

  /** A container that was to run it. */
  private static final class Run {
    private final ContainerRequested request;
    private final ContainerScheduled scheduled;
    private @Nullable Instant started;
    private @Nullable Instant ended;

    private Run(ContainerRequested request, ContainerScheduled scheduled) {
      this.request = request;
      this.scheduled = scheduled;
    }

    private boolean ranSince(Instant since) {
      return started != null && (ended == null || !ended.isBefore(since));
    }

    private ObjectNode json() {
      ObjectNode json = Exchange.JSON.createObjectNode();
      json.put("id", request.getContainerId());
      json.put("name", request.getName());
      json.put("namespace", request.getNamespace());
      json.put("workload", request.getWorkload());
      json.put("node", scheduled.getNodeId());
      json.put("digest", scheduled.getImageDigest());
      json.put("running", ended == null);
      json.put("startedAt", started == null ? "" : started.toString());
      json.put("endedAt", ended == null ? "" : ended.toString());
      return json;
    }
  }

  /** Those that ran {@code digest} at some time since then, oldest first. */
  static ArrayNode since(EventLog log, String digest, Instant since) {
    var use = new DigestUse(digest);
    Map<Partition, Long> from = new TreeMap<>();
    Map<Partition, Long> ends = new TreeMap<>();
    for (Topic topic : TOPICS) {
      for (Partition partition : log.partitions(topic)) {
        from.put(partition, 0L);
        ends.put(partition, log.end(partition));
      }
    }
    try (Cursor cursor = new CausalCursor(log, from)) {
      while (!ends.entrySet().stream()
          .allMatch(end -> cursor.position(end.getKey()) >= end.getValue())) {
        for (Recorded recorded : cursor.poll(TURN)) {
          use.fold(recorded.event());
        }
      }
    }
    ArrayNode list = Exchange.JSON.createArrayNode();
    use.runs.values().stream().filter(run -> run.ranSince(since)).map(Run::json).forEach(list::add);
    return list;
  }

  private void fold(Event event) {
    switch (event.payload().orElse(null)) {
      case ImagePulled e when e.getIndexDigest().equals(asked) -> digests.add(e.getDigest());
      case ContainerRequested e -> requested.put(e.getContainerId(), e);
      case ContainerScheduled e -> {
        ContainerRequested request = requested.remove(e.getContainerId());
        if (request != null && digests.contains(e.getImageDigest())) {
          runs.put(e.getContainerId(), new Run(request, e));
        }
      }
      case ContainerStarted e -> {
        Run run = runs.get(e.getContainerId());
        if (run != null) {
          run.started = run.started == null ? event.time() : run.started;
          run.ended = null;
        }
      }
      case ContainerExited e -> {
        Run run = runs.get(e.getContainerId());
        if (run != null) {
          run.ended = event.time();
        }
      }
      case null, default -> {
        // Of no concern.
      }
    }
  }
}
