package dev.waybill.scheduling;

import dev.waybill.contracts.assignment.RestartAssigned;
import dev.waybill.contracts.assignment.SignalAssigned;
import dev.waybill.contracts.container.ContainerFailed;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.NodeLivenessObserved;
import dev.waybill.contracts.container.NodeLost;
import dev.waybill.contracts.container.NodeReturned;
import dev.waybill.contracts.container.RequestRefused;
import dev.waybill.contracts.container.StopReason;
import dev.waybill.contracts.image.ImageArriving;
import dev.waybill.contracts.network.AddressRefused;
import dev.waybill.contracts.node.ContainerCleaned;
import dev.waybill.contracts.node.NodeRegistered;
import dev.waybill.contracts.workload.RemoveRequested;
import dev.waybill.contracts.workload.RunRequested;
import dev.waybill.contracts.workload.SignalRequested;
import dev.waybill.contracts.workload.StartRequested;
import dev.waybill.contracts.workload.StopRequested;
import dev.waybill.contracts.workload.WorkloadScaled;
import dev.waybill.eventlog.EventIds;
import dev.waybill.scheduling.container.Container;
import dev.waybill.scheduling.container.Phase;
import dev.waybill.scheduling.image.ImageAnswer;
import dev.waybill.scheduling.node.Node;
import dev.waybill.scheduling.workload.Workload;
import java.util.Optional;
import java.util.function.Consumer;

/** What follows from an input by itself, before the state as a whole is looked at. */
final class Requests {
  private static final int NOT_STARTED = 125;

  private Requests() {}

  static void answer(Turn turn) {
    switch (turn.input().payload()) {
      case RunRequested e -> run(turn, e);
      case StopRequested e -> existing(turn, e.getContainerId(), c -> stop(turn, c, e));
      case SignalRequested e -> existing(turn, e.getContainerId(), c -> signal(turn, c, e));
      case StartRequested e -> existing(turn, e.getContainerId(), c -> start(turn, c));
      case RemoveRequested e -> existing(turn, e.getContainerId(), c -> remove(turn, c));
      case WorkloadScaled e -> scale(turn, e);
      case NodeLivenessObserved e -> liveness(turn, e);
      case NodeRegistered e -> supersede(turn, e);
      case ContainerCleaned e -> cleaned(turn, e.getContainerId());
      case ImageArriving e -> Prefetches.assign(turn, e);
      case AddressRefused e ->
          turn.state().container(e.getContainerId()).ifPresent(c -> fail(turn, c, e.getReason()));
      default -> {
        // Folded into the state; what follows, follows from the state.
      }
    }
  }

  private static void run(Turn turn, RunRequested e) {
    turn.decide(
        ContainerRequested.newBuilder()
            .setContainerId(e.getContainerId())
            .setName(e.getName())
            .setNamespace(e.getNamespace())
            .setAttempt(1)
            .setSpec(e.getSpec())
            .setImageRequestId(EventIds.derivedHex("image", e.getContainerId()))
            .build());
  }

  private static void stop(Turn turn, Container container, StopRequested e) {
    if (container.phase().isOnNode() && container.phase() != Phase.STOPPING) {
      long grace = e.getGraceMs() > 0 ? e.getGraceMs() : Stops.graceMs(container);
      Stops.stop(turn, container, StopReason.STOP_REASON_REQUESTED, grace);
    }
  }

  private static void signal(Turn turn, Container container, SignalRequested e) {
    if (!container.phase().isOnNode()) {
      refuse(turn, "container %s isn't running".formatted(container.request().getName()));
      return;
    }
    turn.decide(
        SignalAssigned.newBuilder()
            .setNodeId(container.node())
            .setContainerId(container.id())
            .setSignal(e.getSignal())
            .build());
  }

  private static void start(Turn turn, Container container) {
    if (container.phase() != Phase.EXITED) {
      refuse(
          turn,
          "container %s is %s, only one that exited can be started"
              .formatted(container.request().getName(), container.phase()));
      return;
    }
    ImageAnswer image = turn.state().image(container);
    if (image.standing() != ImageAnswer.Standing.HERE) {
      String why = image.message().isEmpty() ? "its image is not released" : image.message();
      refuse(turn, "container %s can't start: %s".formatted(container.request().getName(), why));
      return;
    }
    turn.decide(
        RestartAssigned.newBuilder()
            .setNodeId(container.node())
            .setContainerId(container.id())
            .build());
  }

  private static void remove(Turn turn, Container container) {
    if (!container.removeAsked()) {
      refuse(
          turn,
          "container %s is running, stop it first or use --force"
              .formatted(container.request().getName()));
    }
  }

  private static void scale(Turn turn, WorkloadScaled e) {
    if (turn.state().workload(Workload.key(e.getNamespace(), e.getName())).isEmpty()) {
      refuse(turn, "no workload named '%s', apply it first".formatted(e.getName()));
    }
  }

  private static void liveness(Turn turn, NodeLivenessObserved e) {
    Node node = turn.state().nodes().get(e.getNodeId());
    if (node == null) {
      return;
    }
    if (!e.getAlive() && !node.lost()) {
      turn.decide(
          NodeLost.newBuilder().setNodeId(e.getNodeId()).setLastSeenMs(e.getLastSeenMs()).build());
    } else if (e.getAlive() && node.lost()) {
      turn.decide(NodeReturned.newBuilder().setNodeId(e.getNodeId()).build());
    }
  }

  /** What a node still runs although another container has taken its place, or nobody knows it. */
  private static void supersede(Turn turn, NodeRegistered e) {
    for (String id : e.getRunningList()) {
      turn.state()
          .container(id)
          .filter(c -> c.phase() == Phase.LOST)
          .ifPresent(c -> Stops.stop(turn, c, StopReason.STOP_REASON_SUPERSEDED, 0));
    }
  }

  private static void cleaned(Turn turn, String containerId) {
    if (turn.state().container(containerId).isPresent()) {
      turn.decide(ContainerRemoved.newBuilder().setContainerId(containerId).build());
    }
  }

  static void fail(Turn turn, Container container, String reason) {
    turn.decide(
        ContainerFailed.newBuilder()
            .setContainerId(container.id())
            .setReason(reason)
            .setExitCode(NOT_STARTED)
            .build());
  }

  private static void existing(Turn turn, String id, Consumer<Container> then) {
    Optional<Container> container = turn.state().container(id);
    if (container.isPresent()) {
      then.accept(container.get());
    } else {
      refuse(turn, "no container with id " + id);
    }
  }

  private static void refuse(Turn turn, String reason) {
    turn.decide(
        RequestRefused.newBuilder()
            .setRequestEventId(turn.input().eventId())
            .setReason(reason)
            .build());
  }
}
