package dev.waybill.networking;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.assignment.EndpointsAssigned;
import dev.waybill.contracts.container.ContainerFailed;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.container.NodeLost;
import dev.waybill.contracts.network.AddressAssigned;
import dev.waybill.contracts.network.AddressRefused;
import dev.waybill.contracts.network.AddressReleased;
import dev.waybill.contracts.network.NetworkCreated;
import dev.waybill.contracts.network.NetworkRemoved;
import dev.waybill.contracts.network.ServiceEndpointsChanged;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.HealthChanged;
import dev.waybill.contracts.workload.NetworkDeclared;
import dev.waybill.contracts.workload.NetworkWithdrawn;
import dev.waybill.eventlog.decider.Decider;
import dev.waybill.eventlog.decider.Fact;
import dev.waybill.networking.address.Subnet;
import dev.waybill.networking.discovery.Attachment;
import dev.waybill.networking.discovery.Endpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The networking decider. */
public final class NetworkingDecider implements Decider<NetworkingState> {
  /** The last element of its source. */
  public static final String NAME = "networking";

  private static final int NETWORKS_MAX = 250;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public Set<Topic> inputs() {
    return Set.of(Topic.WORKLOADS, Topic.SCHEDULING, Topic.NODES);
  }

  @Override
  public Set<Topic> outputs() {
    return Set.of(Topic.NETWORKING, Topic.ASSIGNMENTS);
  }

  @Override
  public NetworkingState initial() {
    return NetworkingState.EMPTY;
  }

  @Override
  public NetworkingState evolve(NetworkingState state, Fact fact) {
    return Evolution.evolve(state, fact);
  }

  @Override
  public List<Message> decide(NetworkingState state, Fact input) {
    return switch (input.payload()) {
      case NetworkDeclared e -> declare(state, e);
      case NetworkWithdrawn e -> withdraw(state, e);
      case ContainerScheduled e -> attach(state, e);
      case ContainerStarted e -> announce(state, e.getContainerId());
      case ContainerExited e -> announce(state, e.getContainerId());
      case HealthChanged e -> announce(state, e.getContainerId());
      case ContainerFailed e -> release(state, e.getContainerId());
      case ContainerRemoved e -> release(state, e.getContainerId());
      case NodeLost e -> announceNode(state, e.getNodeId());
      default -> List.of();
    };
  }

  private static List<Message> declare(NetworkingState state, NetworkDeclared e) {
    if (state.network(e.getName()).isPresent()) {
      return List.of();
    }
    Optional<Subnet> subnet =
        e.getSubnet().isEmpty() ? freeSubnet(state) : Subnet.tryParse(e.getSubnet());
    return subnet
        .<List<Message>>map(
            range ->
                List.of(
                    NetworkCreated.newBuilder()
                        .setName(e.getName())
                        .setSubnet(range.toString())
                        .setGateway(range.gateway())
                        .setProject(e.getProject())
                        .build()))
        .orElse(List.of());
  }

  /** The first range beside the default network's that no network has. */
  private static Optional<Subnet> freeSubnet(NetworkingState state) {
    Optional<Subnet> first = state.network(Evolution.DEFAULT_NETWORK).map(Network::subnet);
    return first.flatMap(
        base ->
            IntStream.rangeClosed(1, NETWORKS_MAX)
                .mapToObj(base::following)
                .filter(
                    range ->
                        state.networks().values().stream()
                            .noneMatch(network -> network.subnet().overlaps(range)))
                .findFirst());
  }

  private static List<Message> withdraw(NetworkingState state, NetworkWithdrawn e) {
    boolean free = state.network(e.getName()).map(n -> n.holders().isEmpty()).orElse(false);
    return free ? List.of(NetworkRemoved.newBuilder().setName(e.getName()).build()) : List.of();
  }

  private static List<Message> attach(NetworkingState state, ContainerScheduled e) {
    Attachment attachment = state.attachments().get(e.getContainerId());
    if (attachment == null || !attachment.address().isEmpty()) {
      return List.of();
    }
    Network network = state.networks().get(attachment.network());
    if (network == null) {
      return refuse(
          attachment, "no network named '%s', create it first".formatted(attachment.network()));
    }
    Optional<String> address =
        network.subnet().next(network.lastGiven(), network.holders()::containsKey);
    return address
        .map(free -> attach(state, attachment.at(e.getNodeId(), free), network))
        .orElseGet(
            () ->
                refuse(
                    attachment,
                    "network %s has no free address in %s"
                        .formatted(network.name(), network.cidr())));
  }

  private static List<Message> refuse(Attachment attachment, String reason) {
    return List.of(
        AddressRefused.newBuilder()
            .setContainerId(attachment.containerId())
            .setNetwork(attachment.network())
            .setReason(reason)
            .build());
  }

  private static List<Message> attach(
      NetworkingState state, Attachment attachment, Network network) {
    var decided = new ArrayList<Message>();
    decided.add(
        AddressAssigned.newBuilder()
            .setContainerId(attachment.containerId())
            .setNetwork(network.name())
            .setAddress(attachment.address())
            .setPrefixLength(network.subnet().prefixLength())
            .setGateway(network.subnet().gateway())
            .setNodeId(attachment.node())
            .addAllNames(attachment.names())
            .build());
    decided.add(
        AttachAssigned.newBuilder()
            .setNodeId(attachment.node())
            .setContainerId(attachment.containerId())
            .setNetwork(network.name())
            .setSubnet(network.cidr())
            .setGateway(network.subnet().gateway())
            .setAddress(attachment.address())
            .build());
    if (!Endpoints.nodes(network.name(), state.attachments().values())
        .contains(attachment.node())) {
      introduce(state, attachment.node(), network.name(), decided);
    }
    return decided;
  }

  /** Tells a node that is new to a network all names on it. */
  private static void introduce(
      NetworkingState state, String node, String network, List<Message> decided) {
    String prefix = NetworkingState.key(network, "");
    state
        .announced()
        .forEach(
            (key, addresses) -> {
              if (key.startsWith(prefix)) {
                decided.add(endpointsFor(node, network, key.substring(prefix.length()), addresses));
              }
            });
  }

  private static EndpointsAssigned endpointsFor(
      String node, String network, String name, List<String> addresses) {
    return EndpointsAssigned.newBuilder()
        .setNodeId(node)
        .setNetwork(network)
        .setName(name)
        .addAllAddresses(addresses)
        .build();
  }

  private static List<Message> announce(NetworkingState state, String containerId) {
    return state
        .attachment(containerId)
        .map(attachment -> changes(state, attachment.network(), attachment.names()))
        .orElse(List.of());
  }

  private static List<Message> announceNode(NetworkingState state, String nodeId) {
    var decided = new ArrayList<Message>();
    var done = new TreeSet<String>();
    for (Attachment attachment : state.attachments().values()) {
      if (attachment.node().equals(nodeId)) {
        List<String> names =
            attachment.names().stream()
                .filter(name -> done.add(NetworkingState.key(attachment.network(), name)))
                .toList();
        decided.addAll(changes(state, attachment.network(), names));
      }
    }
    return decided;
  }

  private static List<Message> release(NetworkingState state, String containerId) {
    Attachment attachment = state.attachments().get(containerId);
    if (attachment == null) {
      return List.of();
    }
    var released =
        AddressReleased.newBuilder()
            .setContainerId(containerId)
            .setNetwork(attachment.network())
            .setAddress(attachment.address())
            .build();
    var decided = new ArrayList<Message>(List.of(released));
    NetworkingState without = state.withoutAttachment(containerId);
    decided.addAll(changes(without, attachment.network(), attachment.names()));
    return decided;
  }

  /** What must be said about {@code names} so that all know what they stand for now. */
  private static List<Message> changes(NetworkingState state, String network, List<String> names) {
    var decided = new ArrayList<Message>();
    for (String name : names) {
      List<String> now = Endpoints.of(network, name, state.attachments().values());
      String key = NetworkingState.key(network, name);
      if (now.equals(state.announced().getOrDefault(key, List.of()))) {
        continue;
      }
      decided.add(
          ServiceEndpointsChanged.newBuilder()
              .setNetwork(network)
              .setName(name)
              .addAllAddresses(now)
              .build());
      for (String node : Endpoints.nodes(network, state.attachments().values())) {
        decided.add(endpointsFor(node, network, name, now));
      }
    }
    return decided;
  }
}
