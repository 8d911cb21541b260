package dev.waybill.eventlog.decider;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.assignment.StopAssigned;
import dev.waybill.contracts.container.ContainerStopped;
import dev.waybill.contracts.workload.StopRequested;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.InMemoryEventLog;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Writer;
import dev.waybill.eventlog.decider.Replay.Outcome;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A decider that answers each input on two topics at once. */
class ReplayTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final InMemoryEventLog log = new InMemoryEventLog(Cell.LOCAL, () -> NOW);
  private final Writer people =
      log.openWriter(Cell.LOCAL.source("people"), Set.of(Topic.WORKLOADS));
  private int asked;
  private int named;

  private static final class Stopping implements Decider<Integer> {
    @Override
    public String name() {
      return "stopping";
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public Set<Topic> inputs() {
      return Set.of(Topic.WORKLOADS);
    }

    @Override
    public Set<Topic> outputs() {
      return Set.of(Topic.SCHEDULING, Topic.ASSIGNMENTS);
    }

    @Override
    public Integer initial() {
      return 0;
    }

    @Override
    public List<Message> decide(Integer state, Fact input) {
      return input.payload() instanceof StopRequested e
          ? List.of(
              ContainerStopped.newBuilder().setContainerId(e.getContainerId()).build(),
              StopAssigned.newBuilder().setNodeId("n").setContainerId(e.getContainerId()).build())
          : List.of();
    }

    @Override
    public Integer evolve(Integer state, Fact fact) {
      return fact.payload() instanceof StopRequested ? state + 1 : state;
    }
  }

  private DeciderLoop<Integer> loop() {
    return new DeciderLoop<>(
        new DeciderLoop.Parts<>(
            log,
            new Stopping(),
            Integer.class,
            Cell.LOCAL.source("stopping"),
            Observer.blind(),
            () -> NOW,
            () -> "id-" + named++,
            records -> {}));
  }

  private void ask() {
    String id = "request-" + asked++;
    var request = StopRequested.newBuilder().setContainerId("c" + asked).build();
    people.append(List.of(Draft.fact(id, request, NOW, Lineage.origin(id, "user/a", null))));
  }

  private Outcome replay(EventLog from) {
    return new Replay<>(from, new Stopping(), Cell.LOCAL.source("stopping"), Integer.class).run();
  }

  @Test
  void a_history_is_decided_again_as_it_was() {
    try (DeciderLoop<Integer> loop = loop()) {
      ask();
      ask();
      loop.step();
    }

    assertThat(replay(log))
        .isInstanceOfSatisfying(
            Outcome.Agrees.class,
            agrees -> {
              assertThat(agrees.events()).isEqualTo(4);
              assertThat(agrees.inputs()).isEqualTo(2);
            });
  }

  @Test
  void a_decider_at_work_meanwhile_is_no_difference() {
    try (DeciderLoop<Integer> loop = loop()) {
      ask();
      loop.step();
      EventLog busy =
          new Busy(
              () -> {
                ask();
                loop.step();
              });

      assertThat(replay(busy)).isInstanceOf(Outcome.Agrees.class);
    }
  }

  @Test
  void an_event_that_was_decided_otherwise_is_named() {
    try (DeciderLoop<Integer> loop = loop()) {
      ask();
      loop.step();
    }
    var forger = log.openWriter(Cell.LOCAL.source("stopping"), Set.of(Topic.SCHEDULING));
    var forged = ContainerStopped.newBuilder().setContainerId("another").build();
    forger.append(List.of(Draft.fact("x", forged, NOW, Lineage.origin("x", "user/a", null))));

    assertThat(replay(log))
        .isInstanceOfSatisfying(
            Outcome.Diverges.class,
            diverges -> {
              assertThat(diverges.sequence()).isEqualTo(3);
              assertThat(diverges.decided()).isEqualTo("nothing");
            });
  }

  /** The same log, on which something happens between any two looks at an end. */
  private final class Busy implements EventLog {
    private final Runnable between;

    Busy(Runnable between) {
      this.between = between;
    }

    @Override
    public long end(Partition partition) {
      long end = log.end(partition);
      between.run();
      return end;
    }

    @Override
    public Writer openWriter(String source, Set<Topic> topics) {
      return log.openWriter(source, topics);
    }

    @Override
    public List<Partition> partitions(Topic topic) {
      return log.partitions(topic);
    }

    @Override
    public Partition partitionOf(Draft draft) {
      return log.partitionOf(draft);
    }

    @Override
    public Map<Partition, Long> committedEnds(Collection<Partition> partitions) {
      return log.committedEnds(partitions);
    }

    @Override
    public long offsetAt(Partition partition, Instant time) {
      return log.offsetAt(partition, time);
    }

    @Override
    public Cursor open(Map<Partition, Long> from) {
      return log.open(from);
    }

    @Override
    public void close() {
      log.close();
    }
  }
}
