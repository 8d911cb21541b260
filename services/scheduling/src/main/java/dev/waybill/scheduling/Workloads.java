package dev.waybill.scheduling;

import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.StopReason;
import dev.waybill.contracts.container.WorkloadSettled;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.eventlog.EventIds;
import dev.waybill.scheduling.container.Container;
import dev.waybill.scheduling.container.Phase;
import dev.waybill.scheduling.image.ImageAnswer;
import dev.waybill.scheduling.workload.Backoff;
import dev.waybill.scheduling.workload.Slot;
import dev.waybill.scheduling.workload.Workload;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Keeps each workload at its number and version: one place, one container, one step at a time. */
final class Workloads {
  private Workloads() {}

  static void reconcile(Turn turn) {
    for (String key : List.copyOf(turn.state().workloads().keySet())) {
      Workload workload = turn.state().workloads().get(key);
      if (workload != null && !workload.removed() && dependenciesReady(turn.state(), workload)) {
        for (int number = 0; number < workload.replicas(); number++) {
          reconcileSlot(turn, key, number);
        }
      }
    }
  }

  /** Each workload that it depends on has one container that is ready. */
  private static boolean dependenciesReady(SchedulingState state, Workload workload) {
    return workload.applied().getDependsOnList().stream()
        .map(name -> Workload.key(workload.applied().getNamespace(), name))
        .allMatch(
            key ->
                state.containers().values().stream()
                    .anyMatch(c -> c.workloadKey().equals(key) && c.isReady()));
  }

  private static void reconcileSlot(Turn turn, String key, int number) {
    Workload workload = turn.state().workloads().get(key);
    if (workload == null) {
      return;
    }
    Slot slot = workload.slot(number);
    Optional<Container> current = turn.state().container(slot.current());
    if (current.isEmpty()) {
      request(turn, workload, number, "");
      return;
    }
    Container container = current.get();
    boolean outdated = container.request().getRevision() != workload.applied().getRevision();
    if (container.phase().isLive()) {
      if (outdated) {
        replace(turn, workload, container);
      }
    } else if (outdated || container.phase() == Phase.LOST) {
      next(turn, workload, number, container);
    } else if (mayTryAgain(turn.state(), container)) {
      tryAgain(turn, workload, number, container);
    }
  }

  /**
   * Ends an outdated replica, one at a time: never two places of a workload without a container.
   */
  private static void replace(Turn turn, Workload workload, Container outdated) {
    if (!outdated.phase().isOnNode() || outdated.phase() == Phase.STOPPING) {
      return;
    }
    boolean othersReady = true;
    for (int number = 0; number < workload.replicas(); number++) {
      String id = workload.slot(number).current();
      othersReady &=
          id.equals(outdated.id())
              || turn.state().container(id).map(Container::isReady).orElse(false);
    }
    if (othersReady || !outdated.isReady()) {
      Stops.stop(turn, outdated, StopReason.STOP_REASON_REPLACED, Stops.graceMs(outdated));
    }
  }

  private static boolean mayTryAgain(SchedulingState state, Container ended) {
    return switch (ended.phase()) {
      case EXITED -> ended.wantsRestart();
      case REMOVING -> true;
      case FAILED -> state.image(ended).standing() != ImageAnswer.Standing.REFUSED;
      case WAITING, ASSIGNED, RUNNING, STOPPING, LOST -> false;
    };
  }

  private static void tryAgain(Turn turn, Workload workload, int number, Container ended) {
    Slot slot = workload.slot(number);
    int failures = ended.phase() == Phase.FAILED ? slot.attempts() + 1 : slot.failures();
    Duration wait = Backoff.after(failures);
    if (wait.isZero() || slot.timer().equals(Evolution.DUE)) {
      next(turn, workload, number, ended);
    } else if (slot.timer().isEmpty()) {
      turn.decide(Containers.restartTimer(turn, ended.id(), failures, wait));
    }
  }

  /** Puts a new container into a place; the last but one goes, the last is kept to be looked at. */
  private static void next(Turn turn, Workload workload, int number, Container ended) {
    String lastButOne = workload.slot(number).previous();
    request(turn, workload, number, ended.id());
    turn.state()
        .container(lastButOne)
        .filter(c -> c.phase() == Phase.EXITED || c.phase() == Phase.FAILED)
        .ifPresent(c -> Containers.remove(turn, c));
  }

  private static void request(Turn turn, Workload workload, int number, String replaces) {
    WorkloadApplied applied = workload.applied();
    int attempt = workload.slot(number).attempts() + 1;
    String suffix = attempt == 1 ? "" : "." + attempt;
    turn.decide(
        ContainerRequested.newBuilder()
            .setContainerId(
                EventIds.derivedHex(
                    turn.input().eventId(), workload.key(), number + "", attempt + ""))
            .setName("%s-%d%s".formatted(applied.getName(), number + 1, suffix))
            .setNamespace(applied.getNamespace())
            .setWorkload(applied.getName())
            .setRevision(applied.getRevision())
            .setSlot(number)
            .setAttempt(attempt)
            .setSpec(applied.getSpec())
            .setImageRequestId(imageRequest(turn.state(), workload, attempt))
            .setReplaces(replaces)
            .build());
  }

  /** One request for a revision, so that all replicas run one digest; another after a failure. */
  private static String imageRequest(SchedulingState state, Workload workload, int attempt) {
    String revision = workload.key() + "@" + workload.applied().getRevision();
    String ofRevision = EventIds.derivedHex("image", revision);
    ImageAnswer answer = state.images().get(ofRevision);
    return answer != null && answer.standing() == ImageAnswer.Standing.FAILED
        ? EventIds.derivedHex("image", revision, attempt + "")
        : ofRevision;
  }

  /** Says so once when all replicas of the newest version are ready. */
  static void settle(Turn turn) {
    for (Workload workload : List.copyOf(turn.state().workloads().values())) {
      int revision = workload.applied().getRevision();
      if (workload.removed() || workload.settledRevision() == revision) {
        continue;
      }
      boolean allReady = true;
      for (int number = 0; number < workload.replicas(); number++) {
        allReady &=
            turn.state()
                .container(workload.slot(number).current())
                .filter(c -> c.request().getRevision() == revision)
                .map(Container::isReady)
                .orElse(false);
      }
      if (allReady) {
        turn.decide(
            WorkloadSettled.newBuilder()
                .setName(workload.applied().getName())
                .setNamespace(workload.applied().getNamespace())
                .setRevision(revision)
                .setReplicas(workload.replicas())
                .build());
      }
    }
  }
}
