package dev.waybill.fleet;

import dev.waybill.contracts.node.NodeRegistered;
import java.time.Instant;

/**
 * A node as people see it.
 *
 * @param status {@code ready} or {@code lost}
 */
public record NodeView(
    NodeRegistered registered, String status, boolean cordoned, Instant registeredAt) {
  NodeView with(String newStatus) {
    return new NodeView(registered, newStatus, cordoned, registeredAt);
  }

  NodeView withCordoned(boolean now) {
    return new NodeView(registered, status, now, registeredAt);
  }
}
