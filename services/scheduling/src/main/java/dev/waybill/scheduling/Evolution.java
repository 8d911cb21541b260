package dev.waybill.scheduling;

import com.google.protobuf.Message;
import dev.waybill.contracts.assignment.PrefetchAssigned;
import dev.waybill.contracts.assignment.RemoveAssigned;
import dev.waybill.contracts.assignment.RestartAssigned;
import dev.waybill.contracts.container.ContainerAwaitsImage;
import dev.waybill.contracts.container.ContainerFailed;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.container.ContainerStopped;
import dev.waybill.contracts.container.ContainerUnschedulable;
import dev.waybill.contracts.container.EvictionFinished;
import dev.waybill.contracts.container.EvictionWaveStarted;
import dev.waybill.contracts.container.NodeLost;
import dev.waybill.contracts.container.NodeReturned;
import dev.waybill.contracts.container.TimerFired;
import dev.waybill.contracts.container.TimerSet;
import dev.waybill.contracts.container.WorkloadSettled;
import dev.waybill.contracts.gate.GateScope;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.image.PullFailure;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStartFailed;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.Health;
import dev.waybill.contracts.node.HealthChanged;
import dev.waybill.contracts.node.NodeRegistered;
import dev.waybill.contracts.registry.GatePolicyRemoved;
import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.ImageHeld;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.registry.ImageRejected;
import dev.waybill.contracts.registry.ImageReleased;
import dev.waybill.contracts.registry.RecallLifted;
import dev.waybill.contracts.workload.NodeCordonRequested;
import dev.waybill.contracts.workload.RemoveRequested;
import dev.waybill.contracts.workload.StopRequested;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.contracts.workload.WorkloadRemoved;
import dev.waybill.contracts.workload.WorkloadScaled;
import dev.waybill.eventlog.decider.Fact;
import dev.waybill.scheduling.container.Container;
import dev.waybill.scheduling.container.Phase;
import dev.waybill.scheduling.image.ImageAnswer;
import dev.waybill.scheduling.node.Node;
import dev.waybill.scheduling.supply.Recall;
import dev.waybill.scheduling.supply.Ruling;
import dev.waybill.scheduling.workload.Backoff;
import dev.waybill.scheduling.workload.Slot;
import dev.waybill.scheduling.workload.Workload;
import java.util.ArrayList;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.pcollections.TreePMap;

/** Folds facts into the state. What is on the log has happened: nothing here judges. */
final class Evolution {
  /** A slot's or container's alarm has rung and its attempt is due. */
  static final String DUE = "due";

  private Evolution() {}

  static SchedulingState evolve(SchedulingState state, Fact fact) {
    return switch (fact.payload()) {
      case WorkloadApplied e -> applied(state, e);
      case WorkloadScaled e ->
          state
              .workload(Workload.key(e.getNamespace(), e.getName()))
              .map(workload -> replicas(state, workload, e.getReplicas()))
              .orElse(state);
      case WorkloadRemoved e -> removed(state, Workload.key(e.getNamespace(), e.getName()));
      case StopRequested e ->
          change(state, e.getContainerId(), c -> c.withAsked(true, c.removeAsked()));
      case RemoveRequested e -> removeAsked(state, e);
      case NodeCordonRequested e ->
          node(state, e.getNodeId(), n -> n.withCordoned(e.getCordoned()));
      case ImagePulled e ->
          answer(
              state,
              e.getRequestId(),
              ImageAnswer.here(
                  e.getDigest(),
                  e.getIndexDigest(),
                  GateScope.repositoryOf(e.getReference()),
                  e.getRepository()));
      case ImagePullFailed e -> answer(state, e.getRequestId(), failure(e));
      case ImageRejected e -> answer(state, e.getRequestId(), ImageAnswer.refused(e.getReason()));
      case GatePolicySet e -> state.with(state.supply().withPolicy(e.getName(), e));
      case GatePolicyRemoved e -> state.with(state.supply().withPolicy(e.getName(), null));
      case ImageReleased e ->
          state.with(
              state
                  .supply()
                  .ruled(e.getNamespace(), e.getName(), e.getDigest(), new Ruling(true, "")));
      case ImageHeld e ->
          state.with(
              state
                  .supply()
                  .ruled(
                      e.getNamespace(),
                      e.getName(),
                      e.getDigest(),
                      new Ruling(false, e.getReason())));
      case ImageRecalled e -> state.with(state.supply().with(new Recall(e, 0, false)));
      case RecallLifted e -> state.with(state.supply().lifted(e.getDigest()));
      default -> ofNodesAndDecisions(state, fact);
    };
  }

  private static SchedulingState evicting(
      SchedulingState state, String digest, UnaryOperator<Recall> change) {
    Recall recall = state.supply().recalls().get(digest);
    return recall == null ? state : state.with(state.supply().with(change.apply(recall)));
  }

  private static SchedulingState ofNodesAndDecisions(SchedulingState state, Fact fact) {
    Message payload = fact.payload();
    return switch (payload) {
      case NodeRegistered e -> registered(state, e);
      case ContainerStarted e ->
          change(
              state,
              e.getContainerId(),
              c -> c.started(fact.time().toEpochMilli(), firstHealth(e)));
      case ContainerExited e ->
          exited(state, e.getContainerId(), e.getExitCode(), e.getRanMs(), "");
      case ContainerStartFailed e ->
          exited(state, e.getContainerId(), e.getExitCode(), 0, e.getMessage());
      case HealthChanged e -> change(state, e.getContainerId(), c -> c.withHealth(e.getHealth()));
      case ContainerRequested e -> requested(state, e);
      case ContainerScheduled e ->
          change(state, e.getContainerId(), c -> c.scheduled(e.getNodeId(), e.getImageDigest()));
      case ContainerUnschedulable e ->
          change(state, e.getContainerId(), c -> c.withNote(Unschedulable.describe(e)));
      case ContainerAwaitsImage e ->
          change(state, e.getContainerId(), c -> c.withNote(e.getReason()));
      case EvictionWaveStarted e ->
          evicting(state, e.getDigest(), r -> new Recall(r.recalled(), e.getWave(), false));
      case EvictionFinished e ->
          evicting(state, e.getDigest(), r -> new Recall(r.recalled(), r.waves(), true));
      case ContainerStopped e ->
          change(state, e.getContainerId(), c -> c.withPhase(Phase.STOPPING));
      case ContainerFailed e ->
          change(
              state,
              e.getContainerId(),
              c ->
                  c.exited(e.getExitCode(), c.failures() + 1, e.getReason())
                      .withPhase(Phase.FAILED));
      case PrefetchAssigned e -> prefetching(state, e.getImageRequestId(), e.getNodeId());
      case RestartAssigned e -> restarted(state, e.getContainerId());
      case RemoveAssigned e -> change(state, e.getContainerId(), c -> c.withPhase(Phase.REMOVING));
      case ContainerRemoved e -> gone(state, e.getContainerId());
      case NodeLost e -> lost(state, e.getNodeId());
      case NodeReturned e -> node(state, e.getNodeId(), n -> n.withLost(false));
      case TimerSet e -> timerSet(state, e);
      case TimerFired e -> timerFired(state, e);
      case WorkloadSettled e ->
          state
              .workload(Workload.key(e.getNamespace(), e.getName()))
              .map(workload -> state.with(workload.settled(e.getRevision())))
              .orElse(state);
      default -> state;
    };
  }

  private static Health firstHealth(ContainerStarted e) {
    return e.getAwaitsHealth() ? Health.HEALTH_STARTING : Health.HEALTH_UNSPECIFIED;
  }

  private static SchedulingState applied(SchedulingState state, WorkloadApplied applied) {
    String key = Workload.key(applied.getNamespace(), applied.getName());
    TreePMap<String, Slot> slots =
        state.workload(key).map(Workload::slots).orElse(TreePMap.empty());
    Workload workload = Workload.applied(applied, slots);
    return replicas(state.with(workload), workload, applied.getReplicas());
  }

  /** Containers in places beyond the number are asked to go. */
  private static SchedulingState replicas(SchedulingState state, Workload workload, int count) {
    SchedulingState changed = state.with(workload.withReplicas(count));
    for (Map.Entry<String, Slot> slot : workload.slots().entrySet()) {
      if (Integer.parseInt(slot.getKey()) >= count) {
        changed = askToGo(changed, slot.getValue());
      }
    }
    return changed;
  }

  private static SchedulingState askToGo(SchedulingState state, Slot slot) {
    SchedulingState changed = change(state, slot.current(), c -> c.withAsked(true, true));
    return change(changed, slot.previous(), c -> c.withAsked(true, true));
  }

  private static SchedulingState removed(SchedulingState state, String key) {
    Workload workload = state.workloads().get(key);
    if (workload == null) {
      return state;
    }
    SchedulingState changed = replicas(state, workload, 0).with(workload.asRemoved());
    return hasContainers(changed, key) ? changed : changed.without(workload);
  }

  private static boolean hasContainers(SchedulingState state, String workloadKey) {
    return state.containers().values().stream()
        .anyMatch(container -> container.workloadKey().equals(workloadKey));
  }

  private static SchedulingState removeAsked(SchedulingState state, RemoveRequested e) {
    return change(
        state,
        e.getContainerId(),
        c -> !c.phase().isLive() || e.getForce() ? c.withAsked(true, true) : c);
  }

  private static ImageAnswer failure(ImagePullFailed e) {
    boolean final_ =
        e.getFailure() == PullFailure.PULL_FAILURE_INVALID
            || e.getFailure() == PullFailure.PULL_FAILURE_NOT_FOUND
            || e.getFailure() == PullFailure.PULL_FAILURE_PLATFORM;
    return final_ ? ImageAnswer.refused(e.getMessage()) : ImageAnswer.failed(e.getMessage());
  }

  /** Only answers that somebody waits for are kept. */
  private static SchedulingState answer(
      SchedulingState state, String requestId, ImageAnswer answer) {
    ImageAnswer before = state.images().get(requestId);
    return before == null
        ? state
        : state.withImage(requestId, answer.prefetchedBy(before.prefetching()));
  }

  private static SchedulingState prefetching(
      SchedulingState state, String requestId, String nodeId) {
    ImageAnswer before = state.images().get(requestId);
    if (before == null) {
      return state;
    }
    var nodes = new ArrayList<>(before.prefetching());
    nodes.add(nodeId);
    return state.withImage(requestId, before.prefetchedBy(nodes));
  }

  private static SchedulingState registered(SchedulingState state, NodeRegistered e) {
    Node before = state.nodes().get(e.getNodeId());
    boolean cordoned = before != null && before.cordoned();
    SchedulingState changed = state.with(new Node(e, cordoned, false));
    for (String id : e.getRunningList()) {
      changed = change(changed, id, c -> isLostRun(c) ? c.withPhase(Phase.RUNNING) : c);
    }
    return changed;
  }

  /** A one-off run has nothing in its place: it is simply found again. */
  private static boolean isLostRun(Container container) {
    return container.phase() == Phase.LOST && container.workloadKey().isEmpty();
  }

  private static SchedulingState exited(
      SchedulingState state, String id, int code, long ranMs, String why) {
    Container container = state.containers().get(id);
    if (container == null || !container.phase().isOnNode() && container.phase() != Phase.LOST) {
      return state;
    }
    boolean asked = container.phase() == Phase.STOPPING;
    int failures = asked ? 0 : Backoff.failuresAfter(container.failures(), ranMs);
    SchedulingState changed = state.with(container.exited(code, failures, why));
    return slotOf(
        changed,
        container,
        slot ->
            asked
                ? slot.withFailures(0)
                : slot.withFailures(Backoff.failuresAfter(slot.failures(), ranMs)));
  }

  private static SchedulingState requested(SchedulingState state, ContainerRequested e) {
    Container container = Container.requested(e);
    String imageRequest = e.getImageRequestId();
    SchedulingState changed =
        state.images().containsKey(imageRequest)
            ? state.with(container)
            : state.with(container).withImage(imageRequest, ImageAnswer.PENDING);
    return changed
        .workload(container.workloadKey())
        .map(
            workload ->
                changed.with(
                    workload.withSlot(
                        e.getSlot(), workload.slot(e.getSlot()).next(e.getContainerId()))))
        .orElse(changed);
  }

  private static SchedulingState restarted(SchedulingState state, String id) {
    return change(
        state, id, c -> c.withPhase(Phase.ASSIGNED).withAsked(false, c.removeAsked()).withNote(""));
  }

  private static SchedulingState gone(SchedulingState state, String id) {
    Container container = state.containers().get(id);
    if (container == null) {
      return state;
    }
    SchedulingState changed = state.withoutContainer(id);
    String imageRequest = container.request().getImageRequestId();
    boolean awaited =
        changed.containers().values().stream()
            .anyMatch(c -> c.request().getImageRequestId().equals(imageRequest));
    // A workload's next replica must run the digest of the others, so its answer stays.
    if (!awaited && container.workloadKey().isEmpty()) {
      changed = changed.withImage(imageRequest, null);
    }
    Workload workload = changed.workloads().get(container.workloadKey());
    return workload == null ? changed : slotGone(changed, workload, container);
  }

  private static SchedulingState slotGone(
      SchedulingState state, Workload workload, Container container) {
    int number = container.request().getSlot();
    Slot slot = workload.slot(number);
    Workload changed = workload;
    if (slot.previous().equals(container.id())) {
      changed = workload.withSlot(number, slot.withoutPrevious());
    } else if (slot.current().equals(container.id()) && number >= workload.replicas()) {
      changed = workload.withoutSlot("%06d".formatted(number));
    }
    return changed.removed() && !hasContainers(state, changed.key())
        ? state.without(changed)
        : state.with(changed);
  }

  private static SchedulingState lost(SchedulingState state, String nodeId) {
    SchedulingState changed = node(state, nodeId, n -> n.withLost(true));
    for (Container container : state.containers().values()) {
      if (container.node().equals(nodeId) && container.phase().isOnNode()) {
        changed = changed.with(container.withPhase(Phase.LOST));
      }
    }
    return changed;
  }

  private static SchedulingState timerSet(SchedulingState state, TimerSet e) {
    SchedulingState changed = state.withTimer(e);
    Container container = changed.containers().get(e.getSubject());
    if (container == null) {
      return changed;
    }
    return container.workloadKey().isEmpty()
        ? changed.with(container.withNote(e.getTimerId()))
        : slotOf(changed, container, slot -> slot.withTimer(e.getTimerId()));
  }

  private static SchedulingState timerFired(SchedulingState state, TimerFired e) {
    SchedulingState changed = state.withoutTimer(e.getTimerId());
    Container container = changed.containers().get(e.getSubject());
    if (container == null) {
      return changed;
    }
    return container.workloadKey().isEmpty()
        ? changed.with(container.withNote(DUE))
        : slotOf(changed, container, slot -> slot.withTimer(DUE));
  }

  /** Changes the place that {@code container} is in now; one that has another by now is left. */
  private static SchedulingState slotOf(
      SchedulingState state, Container container, UnaryOperator<Slot> change) {
    Workload workload = state.workloads().get(container.workloadKey());
    if (workload == null) {
      return state;
    }
    int number = container.request().getSlot();
    Slot slot = workload.slot(number);
    return slot.current().equals(container.id())
        ? state.with(workload.withSlot(number, change.apply(slot)))
        : state;
  }

  private static SchedulingState change(
      SchedulingState state, String containerId, UnaryOperator<Container> change) {
    return state.container(containerId).map(c -> state.with(change.apply(c))).orElse(state);
  }

  private static SchedulingState node(
      SchedulingState state, String nodeId, UnaryOperator<Node> change) {
    Node node = state.nodes().get(nodeId);
    return node == null ? state : state.with(change.apply(node));
  }
}
