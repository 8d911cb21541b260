package dev.waybill.platformapi.edge;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.fleet.ContainerView;
import dev.waybill.fleet.Fleet;
import dev.waybill.fleet.NodeView;

/**
 * /v1/status: whether all is well, and if not, what isn't.
 *
 * <p>Well is: there is a node, no node is lost, and the read model is not far behind the log.
 */
final class StatusReport {
  private static final long LAG_MAX = 1000;

  private StatusReport() {}

  static ObjectNode of(String cell, Fleet fleet, long lag) {
    ObjectNode report = Exchange.JSON.createObjectNode();
    report.put("status", isWell(fleet, lag) ? "up" : "degraded");
    report.put("cell", cell);
    report.put("lag", lag);
    report.put("containers", fleet.containers().size());
    report.put("nodes", fleet.nodes().size());
    ObjectNode counts = report.putObject("containersByStatus");
    for (ContainerView container : fleet.containers().values()) {
      String word = container.status().word();
      counts.put(word, counts.path(word).asInt() + 1);
    }
    ArrayNode nodes = report.putArray("nodeStatus");
    for (NodeView node : fleet.nodes().values()) {
      nodes
          .addObject()
          .put("name", node.registered().getNodeId())
          .put("status", node.status())
          .put("cordoned", node.cordoned());
    }
    return report;
  }

  private static boolean isWell(Fleet fleet, long lag) {
    return lag <= LAG_MAX
        && !fleet.nodes().isEmpty()
        && fleet.nodes().values().stream().allMatch(node -> node.status().equals("ready"));
  }
}
