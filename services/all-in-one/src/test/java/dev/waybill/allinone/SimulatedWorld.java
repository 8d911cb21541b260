package dev.waybill.allinone;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.assignment.RemoveAssigned;
import dev.waybill.contracts.assignment.RestartAssigned;
import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.contracts.assignment.StopAssigned;
import dev.waybill.contracts.image.ImageArriving;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.node.ContainerCleaned;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.NodeRegistered;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.spec.Resources;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.EventLog;
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
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything around the deciders, in one thread and from one seed: user, image service and a node.
 */
final class SimulatedWorld {
  static final String DIGEST = "sha256:" + "cd".repeat(32);

  final SplittableRandom random;
  final InMemoryEventLog log;
  final Set<String> running = new TreeSet<>();
  private final Cursor orders;
  private final Map<String, Writer> writers = new TreeMap<>();
  private final List<Message> todo = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private int ids;

  SimulatedWorld(long seed) {
    this.random = new SplittableRandom(seed);
    this.log = new InMemoryEventLog(Cell.LOCAL, () -> now);
    Map<Partition, Long> from = new TreeMap<>();
    for (Topic topic : List.of(Topic.REGISTRY, Topic.ASSIGNMENTS)) {
      log.partitions(topic).forEach(partition -> from.put(partition, 0L));
    }
    this.orders = log.open(from);
  }

  Instant now() {
    return now;
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  String nextId() {
    return "%08x-0000-7000-8000-%012x".formatted(ids++, random.nextLong() & 0xFFFF_FFFF_FFFFL);
  }

  /** Says something as one of the sources outside the deciders. */
  void say(String source, Topic topic, Message message) {
    Writer writer = writers.computeIfAbsent(source, s -> log.openWriter(s, Set.of(topic)));
    String id = nextId();
    writer.append(List.of(Draft.fact(id, message, now, Lineage.origin(id, "user/sim", null))));
  }

  void node(String id, int cpuMillis) {
    say(
        "/sim/node",
        Topic.NODES,
        NodeRegistered.newBuilder()
            .setNodeId(id)
            .setCapacity(
                Resources.newBuilder()
                    .setCpuMillis(cpuMillis)
                    .setMemoryBytes(1L << 34)
                    .setPids(10_000))
            .build());
  }

  /** Node and image service take new orders, and do some of those that they have, in any order. */
  void act() {
    for (Recorded recorded : orders.poll(Duration.ZERO)) {
      recorded.event().payload().ifPresent(todo::add);
    }
    int count = todo.isEmpty() ? 0 : random.nextInt(1, todo.size() + 1);
    for (int i = 0; i < count; i++) {
      // Orders about one container must keep their order, so the oldest is done first.
      perform(todo.removeFirst());
    }
  }

  boolean isIdle() {
    return todo.isEmpty();
  }

  private void perform(Message order) {
    switch (order) {
      case ImageAdmitted e -> {
        say(
            "/sim/image",
            Topic.IMAGES,
            ImageArriving.newBuilder()
                .setRequestId(e.getRequestId())
                .setReference("docker.io/library/" + e.getReference())
                .setDigest(DIGEST)
                .setRepository("r")
                .build());
        say(
            "/sim/image",
            Topic.IMAGES,
            ImagePulled.newBuilder()
                .setRequestId(e.getRequestId())
                .setReference("docker.io/library/" + e.getReference())
                .setDigest(DIGEST)
                .setRepository("r")
                .build());
      }
      case RunAssigned e -> started(e.getContainerId(), e.getNodeId());
      case RestartAssigned e -> started(e.getContainerId(), e.getNodeId());
      case StopAssigned e -> {
        if (running.contains(e.getContainerId())) {
          exit(e.getContainerId(), 143);
        }
      }
      case RemoveAssigned e ->
          say(
              "/sim/node",
              Topic.NODES,
              ContainerCleaned.newBuilder().setContainerId(e.getContainerId()).build());
      default -> {
        // Addresses and names need no answer.
      }
    }
  }

  private void started(String id, String node) {
    running.add(id);
    say(
        "/sim/node",
        Topic.NODES,
        ContainerStarted.newBuilder().setContainerId(id).setNodeId(node).build());
  }

  void exit(String id, int code) {
    running.remove(id);
    say(
        "/sim/node",
        Topic.NODES,
        ContainerExited.newBuilder()
            .setContainerId(id)
            .setExitCode(code)
            .setRanMs(random.nextInt(0, 30_000))
            .build());
  }

  EventLog log() {
    return log;
  }
}
