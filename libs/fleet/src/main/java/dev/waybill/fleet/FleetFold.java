package dev.waybill.fleet;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.waybill.contracts.assignment.RestartAssigned;
import dev.waybill.contracts.container.ContainerAwaitsImage;
import dev.waybill.contracts.container.ContainerFailed;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.container.ContainerStopped;
import dev.waybill.contracts.container.ContainerUnschedulable;
import dev.waybill.contracts.container.NodeLost;
import dev.waybill.contracts.container.NodeReturned;
import dev.waybill.contracts.container.RequestRefused;
import dev.waybill.contracts.container.WorkloadSettled;
import dev.waybill.contracts.image.ImageDeleted;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.image.ImageTagged;
import dev.waybill.contracts.image.ImagesPruned;
import dev.waybill.contracts.network.AddressAssigned;
import dev.waybill.contracts.network.NetworkCreated;
import dev.waybill.contracts.network.NetworkRemoved;
import dev.waybill.contracts.node.ContainerCreated;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStartFailed;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.Health;
import dev.waybill.contracts.node.HealthChanged;
import dev.waybill.contracts.node.NodeRegistered;
import dev.waybill.contracts.registry.GatePolicyRemoved;
import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.registry.ImageRejected;
import dev.waybill.contracts.registry.ImageVerified;
import dev.waybill.contracts.registry.RecallLifted;
import dev.waybill.contracts.registry.SyncPolicyRemoved;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.contracts.workload.NodeCordonRequested;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.contracts.workload.WorkloadRemoved;
import dev.waybill.contracts.workload.WorkloadScaled;
import dev.waybill.eventlog.Event;
import dev.waybill.fleet.ContainerView.Run;
import dev.waybill.fleet.ContainerView.Status;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What each event changes in the fleet. */
final class FleetFold {
  private FleetFold() {}

  static Fleet fold(Fleet fleet, Event event, Message payload) {
    return switch (payload) {
      case ContainerRequested e -> fleet.with(requested(e, event));
      case ContainerScheduled e ->
          container(fleet, e.getContainerId(), c -> c.on(e.getNodeId(), e.getImageDigest()));
      case ContainerUnschedulable e ->
          container(fleet, e.getContainerId(), c -> c.with(Status.WAITING, why(e)));
      case ContainerStopped e ->
          container(fleet, e.getContainerId(), c -> c.with(Status.STOPPING, reason(e)));
      case ContainerFailed e ->
          container(
              fleet,
              e.getContainerId(),
              c ->
                  c.with(Status.FAILED, e.getReason())
                      .with(c.run().ended(e.getExitCode(), "", false, event.time())));
      case ContainerAwaitsImage e ->
          container(fleet, e.getContainerId(), c -> c.with(Status.AWAITING_IMAGE, e.getReason()));
      case ContainerRemoved e -> fleet.withoutContainer(e.getContainerId());
      case RestartAssigned e ->
          container(fleet, e.getContainerId(), c -> c.with(Status.STARTING, ""));
      case AddressAssigned e -> container(fleet, e.getContainerId(), c -> c.at(e.getAddress()));
      case ContainerCreated e ->
          container(fleet, e.getContainerId(), c -> c.with(c.run().created(e.getPlanDigest())));
      case ContainerStarted e ->
          container(
              fleet,
              e.getContainerId(),
              c ->
                  c.with(c.status() == Status.STOPPING ? Status.STOPPING : Status.RUNNING, "")
                      .with(
                          c.run()
                              .started(
                                  e.getPid(),
                                  event.time(),
                                  e.getAwaitsHealth() ? "starting" : "")));
      case ContainerExited e -> container(fleet, e.getContainerId(), c -> exited(c, e, event));
      case ContainerStartFailed e ->
          container(
              fleet,
              e.getContainerId(),
              c ->
                  c.with(Status.EXITED, e.getMessage())
                      .with(c.run().ended(e.getExitCode(), "", false, event.time())));
      case HealthChanged e ->
          container(
              fleet, e.getContainerId(), c -> c.with(c.run().withHealth(word(e.getHealth()))));
      default -> foldOthers(fleet, event, payload);
    };
  }

  private static Fleet foldOthers(Fleet fleet, Event event, Message payload) {
    return switch (payload) {
      case WorkloadApplied e ->
          fleet.with(
              new WorkloadView(
                  e, e.getReplicas(), 0, false, event.lineage().actor(), event.time()));
      case WorkloadScaled e ->
          workload(fleet, e.getNamespace(), e.getName(), w -> w.scaled(e.getReplicas()));
      case WorkloadSettled e ->
          workload(fleet, e.getNamespace(), e.getName(), w -> w.settled(e.getRevision()));
      case WorkloadRemoved e ->
          workload(fleet, e.getNamespace(), e.getName(), WorkloadView::asRemoved);
      case NodeRegistered e -> fleet.with(new NodeView(e, "ready", false, event.time()));
      case NodeCordonRequested e ->
          node(fleet, e.getNodeId(), n -> n.withCordoned(e.getCordoned()));
      case NodeLost e -> lost(fleet, e.getNodeId());
      case NodeReturned e -> node(fleet, e.getNodeId(), n -> n.with("ready"));
      case ImagePulled e -> pulled(fleet, e, event);
      case ImagePullFailed e ->
          fleet.answering(e.getRequestId(), new Fleet.Answer(false, e.getMessage()));
      case ImageRejected e ->
          fleet.answering(e.getRequestId(), new Fleet.Answer(false, e.getReason()));
      case ImageTagged e -> tagged(fleet, e, event);
      case ImageDeleted e ->
          fleet.withImages(fleet.images().minus(ImageView.listedAs(e.getReference())));
      case ImagesPruned e -> fleet.answering(e.getRequestId(), new Fleet.Answer(true, pruned(e)));
      case NetworkCreated e -> fleet.withNetworks(fleet.networks().plus(e.getName(), e));
      case NetworkRemoved e -> fleet.withNetworks(fleet.networks().minus(e.getName()));
      case SyncPolicySet e ->
          foldSyncs(fleet.withPolicies(fleet.policies().plus(e.getName(), e)), event, payload);
      case SyncPolicyRemoved e ->
          foldSyncs(fleet.withPolicies(fleet.policies().minus(e.getName())), event, payload);
      case RequestRefused e ->
          fleet.answering(e.getRequestEventId(), new Fleet.Answer(false, e.getReason()));
      default -> foldSupply(foldSyncs(fleet, event, payload), payload);
    };
  }

  private static Fleet foldSyncs(Fleet fleet, Event event, Message payload) {
    var syncs = fleet.supply().syncs();
    var changed = SyncFold.fold(syncs, payload, event.time());
    return changed == syncs ? fleet : fleet.with(fleet.supply().withSyncs(changed));
  }

  private static Fleet foldSupply(Fleet fleet, Message payload) {
    Supply supply = fleet.supply();
    return switch (payload) {
      case GatePolicySet e -> fleet.with(supply.withGates(supply.gates().plus(e.getName(), e)));
      case GatePolicyRemoved e -> fleet.with(supply.withGates(supply.gates().minus(e.getName())));
      case ImageRecalled e ->
          fleet.with(supply.withRecalls(supply.recalls().plus(e.getDigest(), e)));
      case RecallLifted e -> fleet.with(supply.withRecalls(supply.recalls().minus(e.getDigest())));
      case ImageVerified e -> fleet.with(supply.with(e));
      default -> fleet;
    };
  }

  private static ContainerView requested(ContainerRequested e, Event event) {
    return new ContainerView(
        e,
        event.lineage().actor(),
        event.lineage().correlationId(),
        Status.AWAITING_IMAGE,
        "",
        "",
        "",
        "",
        Run.NONE,
        event.time());
  }

  private static String why(ContainerUnschedulable e) {
    return e.getFilteredList().isEmpty()
        ? "no node has registered"
        : e.getFilteredList().stream()
            .map(
                f ->
                    "%d node(s) by %s: %s"
                        .formatted(f.getNodes(), f.getConstraint(), f.getExample()))
            .collect(Collectors.joining("; "));
  }

  private static String reason(ContainerStopped e) {
    return e.getReason()
        .name()
        .replace("STOP_REASON_", "")
        .replace('_', ' ')
        .toLowerCase(Locale.ROOT);
  }

  private static ContainerView exited(ContainerView c, ContainerExited e, Event event) {
    String message = e.getOomKilled() ? "out of memory" : c.message();
    return c.with(Status.EXITED, message)
        .with(c.run().ended(e.getExitCode(), e.getSignal(), e.getOomKilled(), event.time()));
  }

  private static String word(Health health) {
    return health == Health.HEALTH_UNSPECIFIED
        ? ""
        : health.name().replace("HEALTH_", "").toLowerCase(Locale.ROOT);
  }

  private static Fleet lost(Fleet fleet, String nodeId) {
    Fleet changed = node(fleet, nodeId, n -> n.with("lost"));
    for (ContainerView c : fleet.containers().values()) {
      boolean onNode =
          c.status() == Status.STARTING
              || c.status() == Status.RUNNING
              || c.status() == Status.STOPPING;
      if (onNode && c.node().equals(nodeId)) {
        changed = changed.with(c.with(Status.LOST, "node " + nodeId + " is not heard of"));
      }
    }
    return changed;
  }

  private static Fleet pulled(Fleet fleet, ImagePulled e, Event event) {
    String name = ImageView.listedAs(e.getReference());
    var image = new ImageView(name, e.getDigest(), e.getSizeBytes(), e.getLayers(), event.time());
    return fleet
        .withImages(fleet.images().plus(name, image))
        .answering(e.getRequestId(), new Fleet.Answer(true, e.getDigest()));
  }

  /** What went, as the API shows it. */
  private static String pruned(ImagesPruned e) {
    try {
      return JsonFormat.printer()
          .alwaysPrintFieldsWithNoPresence()
          .omittingInsignificantWhitespace()
          .print(e);
    } catch (InvalidProtocolBufferException impossible) {
      throw new IllegalStateException("a message without Any must print", impossible);
    }
  }

  private static Fleet tagged(Fleet fleet, ImageTagged e, Event event) {
    // What was pulled is listed by the name it was pulled under, not by where its copy is kept.
    if (e.getTag().isEmpty() || ImageView.isCopy(e.getRepository())) {
      return fleet;
    }
    String reference = ImageView.listedAs(e.getRepository() + ":" + e.getTag());
    return fleet.withImages(
        fleet
            .images()
            .plus(reference, new ImageView(reference, e.getDigest(), 0, 0, event.time())));
  }

  private static Fleet container(Fleet fleet, String id, UnaryOperator<ContainerView> change) {
    ContainerView container = fleet.containers().get(id);
    return container == null ? fleet : fleet.with(change.apply(container));
  }

  private static Fleet workload(
      Fleet fleet, String namespace, String name, UnaryOperator<WorkloadView> change) {
    WorkloadView workload = fleet.workloads().get(namespace + "/" + name);
    return workload == null ? fleet : fleet.with(change.apply(workload));
  }

  private static Fleet node(Fleet fleet, String id, UnaryOperator<NodeView> change) {
    NodeView node = fleet.nodes().get(id);
    return node == null ? fleet : fleet.with(change.apply(node));
  }
}
