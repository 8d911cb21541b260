package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.runner.v1.PortMapping;
import dev.waybill.contracts.runner.v1.SetPortMappingsRequest;
import dev.waybill.contracts.spec.Port;
import dev.waybill.noderunner.runner.RunnerClient;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Ports of this host that containers are published on. The runner takes all of them at once and
 * holds each, so that no other program can; it refuses one that another program has.
 */
final class HostPorts {
  private final RunnerClient runner;
  private final Map<String, List<PortMapping>> published = new TreeMap<>();

  HostPorts(RunnerClient runner) {
    this.runner = runner;
  }

  /** Publishes a container's ports; where one is refused, none of them is. */
  synchronized void publish(AttachAssigned attach, List<Port> ports) {
    List<PortMapping> wanted =
        ports.stream()
            .filter(port -> port.getHostPort() > 0)
            .map(port -> mapping(attach, port))
            .toList();
    if (wanted.isEmpty()) {
      return;
    }
    published.put(attach.getContainerId(), wanted);
    try {
      apply();
    } catch (RuntimeException e) {
      published.remove(attach.getContainerId());
      throw e;
    }
  }

  private static PortMapping mapping(AttachAssigned attach, Port port) {
    return PortMapping.newBuilder()
        .setHostIp(port.getHostAddress())
        .setHostPort(port.getHostPort())
        .setProtocol(port.getProtocol().isEmpty() ? "tcp" : port.getProtocol())
        .setContainerIp(attach.getAddress())
        .setContainerPort(port.getContainerPort())
        .build();
  }

  /** Takes a container's ports back; does nothing where it has none. */
  synchronized void withdraw(String containerId) {
    if (published.remove(containerId) != null) {
      apply();
    }
  }

  private void apply() {
    var all = SetPortMappingsRequest.newBuilder();
    published.values().forEach(all::addAllMappings);
    runner.networks().setPortMappings(all.build());
  }
}
