package dev.waybill.audit.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.node.ContainerCreated;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.LaunchTimes;
import dev.waybill.contracts.workload.RunRequested;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.InMemoryEventLog;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Writer;
import io.opentelemetry.proto.trace.v1.Span;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogFollowerTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String REQUEST = "00-" + TRACE + "-00f067aa0ba902b7-01";
  private static final long SOON_MS = 20_000;

  private final EventLog log = new InMemoryEventLog(Cell.LOCAL, InstantSource.fixed(NOW));
  private OtlpReceiver receiver;

  @BeforeEach
  void start() throws Exception {
    receiver = new OtlpReceiver();
  }

  @AfterEach
  void stop() {
    receiver.close();
  }

  private Event append(String service, Topic topic, Lineage lineage, String id, Message payload) {
    try (Writer writer = log.openWriter(Cell.LOCAL.source(service), Set.of(topic))) {
      return writer.append(List.of(Draft.fact(id, payload, NOW, lineage))).getFirst().event();
    }
  }

  private Event append(String service, Topic topic, Event cause, Message payload) {
    String id = EventIds.derived(cause.id(), service, 0);
    String trace = EventIds.traceparent(cause.lineage().traceparent(), id);
    return append(service, topic, Lineage.causedBy(cause).withTraceparent(trace), id, payload);
  }

  /** From the API's intent to the node's report, as the services write it. */
  private void runAContainer(String traceparent) {
    Event asked =
        append(
            "platform-api",
            Topic.WORKLOADS,
            Lineage.origin("request-1", "user/admin", traceparent),
            "request-1",
            RunRequested.newBuilder().setContainerId("c1").build());
    Event requested =
        append(
            "scheduling",
            Topic.SCHEDULING,
            asked,
            ContainerRequested.newBuilder().setContainerId("c1").build());
    Event scheduled =
        append(
            "scheduling",
            Topic.SCHEDULING,
            requested,
            ContainerScheduled.newBuilder().setContainerId("c1").setNodeId("n1").build());
    Event assigned =
        append(
            "scheduling",
            Topic.ASSIGNMENTS,
            scheduled,
            RunAssigned.newBuilder().setContainerId("c1").setNodeId("n1").build());
    var times = LaunchTimes.newBuilder().setCompileNs(300_000).setSpawnNs(900_000).setHostNs(1);
    append(
        "nodes/n1",
        Topic.NODES,
        assigned,
        ContainerCreated.newBuilder().setContainerId("c1").setTimes(times).build());
    append(
        "nodes/n1/start",
        Topic.NODES,
        assigned,
        ContainerStarted.newBuilder().setContainerId("c1").build());
  }

  @Test
  void all_spans_of_a_request_are_one_trace_and_every_parent_is_there() throws Exception {
    List<Span> spans;
    try (var follower = new LogFollower(log, Optional.of(receiver.endpoint()))) {
      assertThat(follower).isNotNull();
      runAContainer(REQUEST);
      spans = receiver.await(9, SOON_MS);
      assertThat(follower.metrics())
          .contains("waybill_events_total{service=\"scheduling\",type=\"ContainerScheduled\"} 1\n")
          .contains("waybill_start_seconds_count 1\n");
    }
    assertThat(spans)
        .extracting(Span::getName)
        .containsExactlyInAnyOrder(
            "write RunRequested",
            "write ContainerRequested",
            "write ContainerScheduled",
            "write RunAssigned",
            "write ContainerCreated",
            "launch compile",
            "launch spawn",
            "launch host",
            "write ContainerStarted");
    assertThat(spans).allMatch(span -> hex(span.getTraceId()).equals(TRACE));
    Set<ByteString> ids = spans.stream().map(Span::getSpanId).collect(Collectors.toSet());
    assertThat(ids).hasSize(spans.size());
    assertThat(spans.stream().filter(span -> !ids.contains(span.getParentSpanId())))
        .extracting(Span::getName)
        .containsExactly("write RunRequested");
    assertThat(spans).allMatch(span -> span.getEndTimeUnixNano() >= span.getStartTimeUnixNano());
  }

  @Test
  void a_request_whose_caller_does_not_sample_gives_no_span() throws Exception {
    try (var follower = new LogFollower(log, Optional.of(receiver.endpoint()))) {
      assertThat(follower).isNotNull();
      runAContainer(REQUEST.replaceFirst("01$", "00"));
      runAContainer("00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-00f067aa0ba902b7-01");
      assertThat(receiver.await(9, SOON_MS))
          .hasSize(9)
          .noneMatch(span -> hex(span.getTraceId()).equals(TRACE));
    }
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
