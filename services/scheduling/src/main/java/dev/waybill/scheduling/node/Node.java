package dev.waybill.scheduling.node;

import dev.waybill.contracts.node.NodeRegistered;

/**
 * A node that has registered.
 *
 * @param registered what it said of itself
 * @param cordoned closed for new containers
 * @param lost not heard of for too long
 */
public record Node(NodeRegistered registered, boolean cordoned, boolean lost) {
  public String id() {
    return registered.getNodeId();
  }

  public Node withCordoned(boolean now) {
    return new Node(registered, now, lost);
  }

  public Node withLost(boolean now) {
    return new Node(registered, cordoned, now);
  }
}
