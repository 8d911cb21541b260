package dev.waybill.scheduling;

import dev.waybill.contracts.assignment.RemoveAssigned;
import dev.waybill.contracts.assignment.RestartAssigned;
import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.contracts.container.ContainerAwaitsImage;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.container.ContainerUnschedulable;
import dev.waybill.contracts.container.StopReason;
import dev.waybill.contracts.container.TimerPurpose;
import dev.waybill.contracts.container.TimerSet;
import dev.waybill.contracts.spec.Resources;
import dev.waybill.contracts.workload.Placement;
import dev.waybill.scheduling.container.Container;
import dev.waybill.scheduling.image.ImageAnswer;
import dev.waybill.scheduling.node.Node;
import dev.waybill.scheduling.placement.Placer;
import dev.waybill.scheduling.placement.Room;
import dev.waybill.scheduling.workload.Backoff;
import java.time.Duration;
import java.util.List;

/** Takes each container one step on, where its state calls for one. */
final class Containers {
  private Containers() {}

  static void advance(Turn turn) {
    for (String id : List.copyOf(turn.state().containers().keySet())) {
      turn.state().container(id).ifPresent(container -> advance(turn, container));
    }
  }

  private static void advance(Turn turn, Container container) {
    switch (container.phase()) {
      case WAITING -> advanceWaiting(turn, container);
      case ASSIGNED, RUNNING -> endIfAsked(turn, container);
      case EXITED -> advanceExited(turn, container);
      case FAILED -> removeIfAsked(turn, container);
      case LOST, STOPPING, REMOVING -> {
        // The next word is the node's.
      }
    }
  }

  private static void advanceWaiting(Turn turn, Container container) {
    if (container.stopAsked() || container.removeAsked()) {
      Requests.fail(turn, container, "stopped before it was started");
      turn.state().container(container.id()).ifPresent(failed -> removeIfAsked(turn, failed));
      return;
    }
    ImageAnswer image = turn.state().image(container);
    switch (image.standing()) {
      case HERE -> place(turn, container, image);
      case HELD -> await(turn, container, image);
      case FAILED, REFUSED -> Requests.fail(turn, container, image.message());
      case PENDING -> {
        // The image service's answer comes on the log.
      }
    }
  }

  /** Told once for each different reason; before there is a verdict there is nothing to tell. */
  private static void await(Turn turn, Container container, ImageAnswer image) {
    if (!image.message().isEmpty() && !container.note().equals(image.message())) {
      turn.decide(
          ContainerAwaitsImage.newBuilder()
              .setContainerId(container.id())
              .setImageDigest(image.digest())
              .setReason(image.message())
              .build());
    }
  }

  private static void place(Turn turn, Container container, ImageAnswer image) {
    Placer.Verdict verdict = verdict(turn.state(), container, image.prefetching());
    if (verdict.candidates().isEmpty()) {
      holdBack(turn, container, verdict);
      return;
    }
    String node = verdict.candidates().getFirst().getNodeId();
    turn.decide(
        ContainerScheduled.newBuilder()
            .setContainerId(container.id())
            .setNodeId(node)
            .setImageDigest(image.digest())
            .addAllCandidates(verdict.candidates())
            .addAllFiltered(verdict.filtered())
            .build());
    turn.decide(
        RunAssigned.newBuilder()
            .setNodeId(node)
            .setContainerId(container.id())
            .setName(container.request().getName())
            .setImageDigest(image.digest())
            .setImageRepository(image.repository())
            .setSpec(container.spec())
            .setAwaitsAddress(hasAddress(container))
            .setWorkload(container.request().getWorkload())
            .build());
  }

  /** Where the container would go now. */
  static Placer.Verdict verdict(
      SchedulingState state, Container container, List<String> prefetching) {
    return Placer.place(
        container.spec().getResources(),
        placement(state, container),
        Rooms.of(state, container.workloadKey(), prefetching));
  }

  private static Placement placement(SchedulingState state, Container container) {
    return state
        .workload(container.workloadKey())
        .map(workload -> workload.applied().getPlacement())
        .orElse(Placement.PLACEMENT_BINPACK);
  }

  /** Told once for each different reason: a cell that is full must not fill the log. */
  private static void holdBack(Turn turn, Container container, Placer.Verdict verdict) {
    var unschedulable =
        ContainerUnschedulable.newBuilder()
            .setContainerId(container.id())
            .addAllFiltered(verdict.filtered())
            .build();
    if (!container.note().equals(Unschedulable.describe(unschedulable))) {
      turn.decide(unschedulable);
    }
  }

  private static boolean hasAddress(Container container) {
    String network = container.spec().getNetwork();
    return !network.equals("none") && !network.equals("host");
  }

  private static void endIfAsked(Turn turn, Container container) {
    if (container.stopAsked() || container.removeAsked()) {
      Stops.stop(turn, container, reason(turn.state(), container), Stops.graceMs(container));
    }
  }

  private static StopReason reason(SchedulingState state, Container container) {
    if (container.workloadKey().isEmpty()) {
      return StopReason.STOP_REASON_REQUESTED;
    }
    return state
        .workload(container.workloadKey())
        .map(
            workload ->
                workload.removed()
                    ? StopReason.STOP_REASON_WORKLOAD_REMOVED
                    : StopReason.STOP_REASON_SCALED_DOWN)
        .orElse(StopReason.STOP_REASON_WORKLOAD_REMOVED);
  }

  private static void advanceExited(Turn turn, Container container) {
    if (container.removeAsked()) {
      removeIfAsked(turn, container);
    } else if (container.workloadKey().isEmpty()) {
      advanceExitedRun(turn, container);
    }
  }

  private static void advanceExitedRun(Turn turn, Container container) {
    int attemptsMax = container.spec().getRestart().getMaxAttempts();
    boolean spent = attemptsMax > 0 && container.failures() > attemptsMax;
    if (!container.wantsRestart() || spent) {
      if (container.spec().getAutoRemove()) {
        remove(turn, container);
      }
      return;
    }
    if (turn.state().image(container).standing() != ImageAnswer.Standing.HERE) {
      return; // A restart is a start: it waits for a release, and a recall forbids it.
    }
    Duration wait = Backoff.after(container.failures());
    if (wait.isZero() || container.note().equals(Evolution.DUE)) {
      turn.decide(
          RestartAssigned.newBuilder()
              .setNodeId(container.node())
              .setContainerId(container.id())
              .build());
    } else if (!turn.state().timers().containsKey(container.note())) {
      turn.decide(restartTimer(turn, container.id(), container.failures(), wait));
    }
  }

  static TimerSet restartTimer(Turn turn, String containerId, int failures, Duration wait) {
    return TimerSet.newBuilder()
        .setTimerId("restart/" + containerId + "/" + failures + "/" + turn.input().eventId())
        .setDueMs(turn.nowMs() + wait.toMillis())
        .setPurpose(TimerPurpose.TIMER_PURPOSE_RESTART)
        .setSubject(containerId)
        .build();
  }

  private static void removeIfAsked(Turn turn, Container container) {
    if (container.removeAsked() || container.spec().getAutoRemove()) {
      remove(turn, container);
    }
  }

  static void remove(Turn turn, Container container) {
    if (container.node().isEmpty()) {
      turn.decide(ContainerRemoved.newBuilder().setContainerId(container.id()).build());
      return;
    }
    turn.decide(
        RemoveAssigned.newBuilder()
            .setNodeId(container.node())
            .setContainerId(container.id())
            .build());
  }

  /** The cell's nodes as placement sees them. */
  private static final class Rooms {
    static List<Room> of(SchedulingState state, String workloadKey, List<String> prefetching) {
      return state.nodes().values().stream()
          .map(node -> room(state, node, workloadKey, prefetching.contains(node.id())))
          .toList();
    }

    private static Room room(
        SchedulingState state, Node node, String workloadKey, boolean prefetching) {
      Resources.Builder promised = Resources.newBuilder();
      int same = 0;
      for (Container container : state.containers().values()) {
        if (!container.node().equals(node.id()) || !container.phase().isOnNode()) {
          continue;
        }
        Resources wanted = container.spec().getResources();
        promised.setCpuMillis(promised.getCpuMillis() + wanted.getCpuMillis());
        promised.setMemoryBytes(promised.getMemoryBytes() + wanted.getMemoryBytes());
        promised.setPids(promised.getPids() + wanted.getPids());
        if (!workloadKey.isEmpty() && container.workloadKey().equals(workloadKey)) {
          same++;
        }
      }
      return new Room(
          node.id(),
          !node.cordoned(),
          !node.lost(),
          node.registered().getArchitecture(),
          node.registered().getCapacity(),
          promised.build(),
          same,
          prefetching);
    }
  }
}
