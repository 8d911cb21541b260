package dev.waybill.testkit.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.assignment.StopAssigned;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.NodeHeartbeat;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.EventLog;
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
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The contract of {@link EventLog}; extend it and say how a fresh, empty log is made. */
public abstract class EventLogContract {
  private static final Instant TIME = Instant.parse("2026-11-24T05:36:29.123456Z");
  private static final Partition NODES = new Partition(Topic.NODES, 0);
  private static final Duration SOON = Duration.ofSeconds(10);

  /** A log without an event, in {@link Cell#LOCAL}. */
  protected abstract EventLog emptyLog();

  @Test
  void an_event_comes_back_as_it_was_written() {
    EventLog log = emptyLog();
    Draft draft = started("c1");
    try (Writer writer = log.openWriter("/test/a", Set.of(Topic.NODES))) {
      List<Recorded> appended = writer.append(List.of(draft));
      List<Recorded> read = log.read(NODES, 0, log.end(NODES));

      assertThat(read).isEqualTo(appended);
      assertThat(read.getFirst().event()).isEqualTo(draft.asEvent("/test/a", 1));
      assertThat(read.getFirst().event().payload()).contains(draft.payload());
    }
  }

  @Test
  void sequence_numbers_are_gapless_and_go_on_with_the_next_writer() {
    EventLog log = emptyLog();
    try (Writer first = log.openWriter("/test/a", Set.of(Topic.NODES))) {
      first.append(List.of(started("c1"), started("c2")));
    }
    try (Writer second = log.openWriter("/test/a", Set.of(Topic.NODES))) {
      assertThat(second.lastSequence()).isEqualTo(2);
      second.append(List.of(started("c3")));
    }

    assertThat(log.read(NODES, 0, log.end(NODES)))
        .extracting(recorded -> recorded.event().sequence())
        .containsExactly(1L, 2L, 3L);
  }

  @Test
  void each_source_counts_for_itself() {
    EventLog log = emptyLog();
    try (Writer a = log.openWriter("/test/a", Set.of(Topic.NODES));
        Writer b = log.openWriter("/test/b", Set.of(Topic.NODES))) {
      a.append(List.of(started("c1")));
      b.append(List.of(started("c2")));
      a.append(List.of(started("c3")));
    }

    assertThat(log.read(NODES, 0, log.end(NODES)))
        .extracting(r -> r.event().source() + r.event().sequence())
        .containsExactly("/test/a1", "/test/b1", "/test/a2");
  }

  @Test
  void a_newer_writer_fences_the_older_one() {
    EventLog log = emptyLog();
    try (Writer old = log.openWriter("/test/a", Set.of(Topic.NODES));
        Writer young = log.openWriter("/test/a", Set.of(Topic.NODES))) {
      young.append(List.of(started("c1")));

      assertThatThrownBy(() -> old.append(List.of(started("c2"))))
          .isInstanceOf(Writer.FencedException.class)
          .hasMessageContaining("/test/a");
      assertThat(log.read(NODES, 0, log.end(NODES))).hasSize(1);
    }
  }

  @Test
  void one_append_over_two_topics_is_seen_in_both() {
    EventLog log = emptyLog();
    Draft beat = fact("h1", NodeHeartbeat.newBuilder().setNodeId("n1").build());
    try (Writer writer = log.openWriter("/test/a", Set.of(Topic.NODES, Topic.HEARTBEATS))) {
      writer.append(List.of(started("c1"), beat));
    }

    var beats = new Partition(Topic.HEARTBEATS, 0);
    assertThat(log.read(NODES, 0, log.end(NODES))).hasSize(1);
    assertThat(log.read(beats, 0, log.end(beats)).getFirst().event().sequence()).isEqualTo(2);
  }

  @Test
  void a_cursor_sees_what_is_appended_while_it_waits() {
    EventLog log = emptyLog();
    try (Writer writer = log.openWriter("/test/a", Set.of(Topic.NODES));
        Cursor cursor = log.open(Map.of(NODES, 0L))) {
      Thread.ofVirtual().start(() -> writer.append(List.of(started("c1"))));

      assertThat(pollUntil(cursor, 1)).hasSize(1);
    }
  }

  @Test
  void a_cursor_starts_where_it_is_told() {
    EventLog log = emptyLog();
    try (Writer writer = log.openWriter("/test/a", Set.of(Topic.NODES))) {
      writer.append(List.of(started("c1")));
      List<Recorded> second = writer.append(List.of(started("c2")));

      try (Cursor cursor = log.open(Map.of(NODES, second.getFirst().offset()))) {
        assertThat(pollUntil(cursor, 1)).isEqualTo(second);
        assertThat(cursor.position(NODES)).isGreaterThan(second.getFirst().offset());
      }
    }
  }

  @Test
  void a_wakeup_ends_a_poll() {
    EventLog log = emptyLog();
    try (Cursor cursor = log.open(Map.of(NODES, 0L))) {
      cursor.wakeup();
      assertThat(cursor.poll(Duration.ofMinutes(5))).isEmpty();
    }
  }

  @Test
  void an_offset_is_found_by_time() {
    EventLog log = emptyLog();
    try (Writer writer = log.openWriter("/test/a", Set.of(Topic.NODES))) {
      Recorded first = writer.append(List.of(started("c1"))).getFirst();

      assertThat(log.offsetAt(NODES, first.appendedAt())).isEqualTo(first.offset());
      assertThat(log.offsetAt(NODES, first.appendedAt().plusSeconds(3600)))
          .isEqualTo(log.end(NODES));
    }
  }

  @Test
  void an_assignment_goes_to_its_node_s_partition() {
    EventLog log = emptyLog();
    var assigned = StopAssigned.newBuilder().setNodeId("n7").setContainerId("c1").build();
    try (Writer writer = log.openWriter("/test/a", Set.of(Topic.ASSIGNMENTS))) {
      Recorded recorded = writer.append(List.of(fact("a1", assigned))).getFirst();

      assertThat(recorded.partition())
          .isEqualTo(new Partition(Topic.ASSIGNMENTS, Cell.LOCAL.partitionOfNode("n7")));
    }
  }

  @Test
  void a_thousand_events_keep_their_order() {
    EventLog log = emptyLog();
    try (Writer writer = log.openWriter("/test/a", Set.of(Topic.NODES))) {
      for (int batch = 0; batch < 10; batch++) {
        int from = batch * 100;
        writer.append(LongStream.range(from, from + 100).mapToObj(n -> started("c" + n)).toList());
      }
    }

    assertThat(log.read(NODES, 0, log.end(NODES)))
        .extracting(recorded -> recorded.event().sequence())
        .isEqualTo(LongStream.rangeClosed(1, 1000).boxed().toList());
  }

  private static List<Recorded> pollUntil(Cursor cursor, int count) {
    var seen = new ArrayList<Recorded>();
    long deadline = System.nanoTime() + SOON.toNanos();
    while (seen.size() < count && System.nanoTime() < deadline) {
      seen.addAll(cursor.poll(Duration.ofMillis(500)));
    }
    return seen;
  }

  private static Draft started(String container) {
    return fact("id-" + container, ContainerStarted.newBuilder().setContainerId(container).build());
  }

  private static Draft fact(String id, Message payload) {
    return Draft.fact(id, payload, TIME, Lineage.origin(id, "user/test", null));
  }
}
