package dev.waybill.testkit.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.eventlog.CausalCursor;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.InMemoryEventLog;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CausalCursorTest {
  // NODES comes after SCHEDULING in the catalogue, so a plain reader meets them in that order.
  private static final Partition EFFECTS = new Partition(Topic.SCHEDULING, 0);
  private static final Partition CAUSES = new Partition(Topic.NODES, 0);
  private Instant now = Instant.EPOCH;
  private final InMemoryEventLog log = new InMemoryEventLog(Cell.LOCAL, () -> now);

  @Test
  void who_catches_up_reads_in_the_order_of_appending() {
    for (int n = 0; n < 50; n++) {
      now = now.plusMillis(1);
      append("cause-" + n, null, started(n));
      now = now.plusMillis(1);
      append("effect-" + n, "cause-" + n, scheduled(n));
    }

    List<String> ids = readAll();
    for (int n = 0; n < 50; n++) {
      assertThat(ids.indexOf("cause-" + n)).isLessThan(ids.indexOf("effect-" + n));
    }
  }

  @Test
  void a_cause_goes_first_even_where_the_clocks_say_otherwise() {
    append("cause", null, started(1));
    now = now.minusMillis(5);
    append("effect", "cause", scheduled(1));

    assertThat(readAll()).containsExactly("cause", "effect");
  }

  private List<String> readAll() {
    var read = new ArrayList<Recorded>();
    try (var cursor = new CausalCursor(log, Map.of(CAUSES, 0L, EFFECTS, 0L))) {
      while (cursor.position(CAUSES) < log.end(CAUSES)
          || cursor.position(EFFECTS) < log.end(EFFECTS)) {
        read.addAll(cursor.poll(Duration.ofMillis(10)));
      }
    }
    return read.stream().map(recorded -> recorded.event().id()).toList();
  }

  private void append(String id, String cause, Message payload) {
    try (Writer writer = log.openWriter("/test", Set.of(Topic.NODES, Topic.SCHEDULING))) {
      writer.append(
          List.of(Draft.fact(id, payload, now, new Lineage("r", cause, "user/test", null))));
    }
  }

  private static Message started(int n) {
    return ContainerStarted.newBuilder().setContainerId("c" + n).build();
  }

  private static Message scheduled(int n) {
    return ContainerScheduled.newBuilder().setContainerId("c" + n).build();
  }
}
