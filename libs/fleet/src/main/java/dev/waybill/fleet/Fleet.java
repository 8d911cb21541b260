package dev.waybill.fleet;

import dev.waybill.contracts.network.NetworkCreated;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.eventlog.Event;
import java.util.List;
import java.util.Optional;
import org.pcollections.OrderedPMap;
import org.pcollections.TreePMap;

/**
 * All that exists, at one point of the log.
 *
 * @param containers by id
 * @param workloads by namespace/name
 * @param nodes by id
 * @param images by reference
 * @param networks by name
 * @param policies by name
 * @param gone containers that were removed, as they last were: for who asks for an exit code a
 *     moment too late; the newest {@value #GONE_MAX}
 * @param answers what came of requests: reasons of refusals and failures, by event or request id
 * @param supply what the gate said
 */
public record Fleet(
    TreePMap<String, ContainerView> containers,
    TreePMap<String, WorkloadView> workloads,
    TreePMap<String, NodeView> nodes,
    TreePMap<String, ImageView> images,
    TreePMap<String, NetworkCreated> networks,
    TreePMap<String, SyncPolicySet> policies,
    OrderedPMap<String, ContainerView> gone,
    TreePMap<String, Answer> answers,
    Supply supply) {

  private static final int GONE_MAX = 1_000;

  /** Nothing exists. */
  public static final Fleet EMPTY =
      new Fleet(
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          OrderedPMap.empty(),
          TreePMap.empty(),
          Supply.NONE);

  /**
   * What came of a request.
   *
   * @param good it was followed
   * @param text the digest, or the reason of the refusal
   */
  public record Answer(boolean good, String text) {}

  /** The fleet with one more event in it. */
  public Fleet with(Event event) {
    return event.payload().map(payload -> FleetFold.fold(this, event, payload)).orElse(this);
  }

  /** The containers that {@code text} names: by whole id, else by name, else by start of the id. */
  public List<ContainerView> find(String text) {
    ContainerView exact = containers.get(text);
    if (exact != null) {
      return List.of(exact);
    }
    List<ContainerView> named =
        containers.values().stream().filter(c -> c.name().equals(text)).toList();
    return named.isEmpty()
        ? containers.values().stream().filter(c -> c.id().startsWith(text)).toList()
        : named;
  }

  /** The current version of a workload, if it is wanted. */
  public Optional<WorkloadView> workload(String key) {
    return Optional.ofNullable(workloads.get(key)).filter(workload -> !workload.removed());
  }

  Fleet with(ContainerView container) {
    return withContainers(containers.plus(container.id(), container));
  }

  Fleet withoutContainer(String id) {
    ContainerView last = containers.get(id);
    if (last == null) {
      return this;
    }
    OrderedPMap<String, ContainerView> kept = gone.plus(id, last);
    if (kept.size() > GONE_MAX) {
      kept = kept.minus(kept.keySet().iterator().next());
    }
    return new Fleet(
        containers.minus(id), workloads, nodes, images, networks, policies, kept, answers, supply);
  }

  private Fleet withContainers(TreePMap<String, ContainerView> changed) {
    return new Fleet(changed, workloads, nodes, images, networks, policies, gone, answers, supply);
  }

  Fleet with(WorkloadView workload) {
    return new Fleet(
        containers,
        workloads.plus(workload.key(), workload),
        nodes,
        images,
        networks,
        policies,
        gone,
        answers,
        supply);
  }

  Fleet with(NodeView node) {
    return new Fleet(
        containers,
        workloads,
        nodes.plus(node.registered().getNodeId(), node),
        images,
        networks,
        policies,
        gone,
        answers,
        supply);
  }

  Fleet withImages(TreePMap<String, ImageView> changed) {
    return new Fleet(
        containers, workloads, nodes, changed, networks, policies, gone, answers, supply);
  }

  Fleet withNetworks(TreePMap<String, NetworkCreated> changed) {
    return new Fleet(
        containers, workloads, nodes, images, changed, policies, gone, answers, supply);
  }

  Fleet withPolicies(TreePMap<String, SyncPolicySet> changed) {
    return new Fleet(
        containers, workloads, nodes, images, networks, changed, gone, answers, supply);
  }

  Fleet answering(String requestId, Answer answer) {
    return new Fleet(
        containers,
        workloads,
        nodes,
        images,
        networks,
        policies,
        gone,
        answers.plus(requestId, answer),
        supply);
  }

  Fleet with(Supply changed) {
    return new Fleet(
        containers, workloads, nodes, images, networks, policies, gone, answers, changed);
  }
}
