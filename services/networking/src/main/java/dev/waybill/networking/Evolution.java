package dev.waybill.networking;

import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.NodeLost;
import dev.waybill.contracts.network.AddressAssigned;
import dev.waybill.contracts.network.AddressReleased;
import dev.waybill.contracts.network.NetworkCreated;
import dev.waybill.contracts.network.NetworkRemoved;
import dev.waybill.contracts.network.ServiceEndpointsChanged;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.Health;
import dev.waybill.contracts.node.HealthChanged;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.eventlog.decider.Fact;
import dev.waybill.networking.discovery.Attachment;
import java.util.ArrayList;
import java.util.List;

/** Folds facts into the state. */
final class Evolution {
  /** The network of containers that name none. */
  static final String DEFAULT_NETWORK = "bridge";

  private Evolution() {}

  static NetworkingState evolve(NetworkingState state, Fact fact) {
    return switch (fact.payload()) {
      case NetworkCreated e -> state.with(Network.created(e.getName(), e.getSubnet()));
      case NetworkRemoved e -> state.withoutNetwork(e.getName());
      case ContainerRequested e -> requested(state, e);
      case AddressAssigned e -> assigned(state, e);
      case AddressReleased e -> released(state, e);
      case ServiceEndpointsChanged e ->
          state.announcing(e.getNetwork(), e.getName(), e.getAddressesList());
      case ContainerStarted e -> ready(state, e.getContainerId(), !e.getAwaitsHealth());
      case ContainerExited e -> ready(state, e.getContainerId(), false);
      case HealthChanged e ->
          ready(state, e.getContainerId(), e.getHealth() == Health.HEALTH_HEALTHY);
      case NodeLost e -> nodeLost(state, e.getNodeId());
      default -> state;
    };
  }

  private static NetworkingState requested(NetworkingState state, ContainerRequested e) {
    ContainerSpec spec = e.getSpec();
    String network = spec.getNetwork().isEmpty() ? DEFAULT_NETWORK : spec.getNetwork();
    if (network.equals("none") || network.equals("host")) {
      return state;
    }
    return state.with(new Attachment(e.getContainerId(), network, names(e, spec), "", "", false));
  }

  private static List<String> names(ContainerRequested e, ContainerSpec spec) {
    var names = new ArrayList<String>();
    names.add(e.getName());
    names.add(e.getContainerId().substring(0, 12));
    if (!e.getWorkload().isEmpty()) {
      names.add(e.getWorkload());
    }
    names.addAll(spec.getNetworkAliasesList());
    return names.stream().distinct().toList();
  }

  private static NetworkingState assigned(NetworkingState state, AddressAssigned e) {
    NetworkingState given =
        state
            .network(e.getNetwork())
            .map(network -> state.with(network.given(e.getAddress(), e.getContainerId())))
            .orElse(state);
    return given
        .attachment(e.getContainerId())
        .map(attachment -> given.with(attachment.at(e.getNodeId(), e.getAddress())))
        .orElse(given);
  }

  private static NetworkingState released(NetworkingState state, AddressReleased e) {
    NetworkingState free = state.withoutAttachment(e.getContainerId());
    return free.network(e.getNetwork())
        .map(network -> free.with(network.released(e.getAddress())))
        .orElse(free);
  }

  private static NetworkingState ready(NetworkingState state, String containerId, boolean now) {
    return state
        .attachment(containerId)
        .map(attachment -> state.with(attachment.withReady(now)))
        .orElse(state);
  }

  private static NetworkingState nodeLost(NetworkingState state, String nodeId) {
    NetworkingState changed = state;
    for (Attachment attachment : state.attachments().values()) {
      if (attachment.node().equals(nodeId)) {
        changed = changed.with(attachment.withReady(false));
      }
    }
    return changed;
  }
}
