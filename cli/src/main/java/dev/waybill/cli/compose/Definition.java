package dev.waybill.cli.compose;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What a file asks for, as bodies of requests to the platform's API.
 *
 * @param project the name that ties it together
 * @param networks bodies for {@code POST /v1/networks}
 * @param workloads bodies for {@code POST /v1/workloads}, dependencies before dependents
 */
public record Definition(String project, List<ObjectNode> networks, List<ObjectNode> workloads) {
  public Definition {
    networks = List.copyOf(networks);
    workloads = List.copyOf(workloads);
  }
}
