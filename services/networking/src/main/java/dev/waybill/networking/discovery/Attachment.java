package dev.waybill.networking.discovery;

import java.util.List;

/**
 * A container on a network.
 *
 * @param containerId the container
 * @param network the network
 * @param names what others may call it, its workload's name among them
 * @param node where it runs; empty before it is scheduled
 * @param address its address; empty before it has one
 * @param ready it runs, and is not unhealthy
 */
public record Attachment(
    String containerId,
    String network,
    List<String> names,
    String node,
    String address,
    boolean ready) {

  public Attachment {
    names = List.copyOf(names);
  }

  public Attachment at(String onNode, String withAddress) {
    return new Attachment(containerId, network, names, onNode, withAddress, ready);
  }

  public Attachment withReady(boolean now) {
    return new Attachment(containerId, network, names, node, address, now);
  }
}
