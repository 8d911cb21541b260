package dev.waybill.networking;

import dev.waybill.networking.discovery.Attachment;
import java.util.List;
import java.util.Optional;
import org.pcollections.TreePMap;

/**
 * All that networking knows of a cell.
 *
 * @param networks by name
 * @param attachments by container id
 * @param announced what each {@code network/name} was last said to stand for
 */
public record NetworkingState(
    TreePMap<String, Network> networks,
    TreePMap<String, Attachment> attachments,
    TreePMap<String, List<String>> announced) {

  /** A cell without a network. */
  public static final NetworkingState EMPTY =
      new NetworkingState(TreePMap.empty(), TreePMap.empty(), TreePMap.empty());

  Optional<Network> network(String name) {
    return Optional.ofNullable(networks.get(name));
  }

  Optional<Attachment> attachment(String containerId) {
    return Optional.ofNullable(attachments.get(containerId));
  }

  NetworkingState with(Network network) {
    return new NetworkingState(networks.plus(network.name(), network), attachments, announced);
  }

  NetworkingState withoutNetwork(String name) {
    return new NetworkingState(networks.minus(name), attachments, announced);
  }

  NetworkingState with(Attachment attachment) {
    return new NetworkingState(
        networks, attachments.plus(attachment.containerId(), attachment), announced);
  }

  NetworkingState withoutAttachment(String containerId) {
    return new NetworkingState(networks, attachments.minus(containerId), announced);
  }

  NetworkingState announcing(String network, String name, List<String> addresses) {
    String key = key(network, name);
    return new NetworkingState(
        networks,
        attachments,
        addresses.isEmpty() ? announced.minus(key) : announced.plus(key, addresses));
  }

  static String key(String network, String name) {
    return network + "/" + name;
  }
}
