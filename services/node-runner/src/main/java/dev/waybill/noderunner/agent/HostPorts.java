package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.runner.v1.PortMapping;
import dev.waybill.contracts.runner.v1.SetPortMappingsRequest;
import dev.waybill.contracts.spec.Port;
import dev.waybill.noderunner.runner.RunnerClient;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Ports of this host that containers are published on. Each is held by a bound socket that nobody
 * reads: the kernel redirects traffic before it would arrive there, and no other program can take
 * it.
 */
final class HostPorts implements AutoCloseable {
  private final RunnerClient runner;
  private final Map<String, Publication> published = new TreeMap<>();

  private record Publication(List<PortMapping> mappings, List<Closeable> held) {}

  HostPorts(RunnerClient runner) {
    this.runner = runner;
  }

  /**
   * Publishes a container's ports.
   *
   * @throws IOException if one is in use on this host; nothing is published then
   */
  synchronized void publish(AttachAssigned attach, List<Port> ports) throws IOException {
    List<Port> wanted = ports.stream().filter(port -> port.getHostPort() > 0).toList();
    if (wanted.isEmpty()) {
      return;
    }
    var held = new ArrayList<Closeable>();
    var mappings = new ArrayList<PortMapping>();
    try {
      for (Port port : wanted) {
        held.add(hold(port));
        mappings.add(mapping(attach, port));
      }
    } catch (IOException e) {
      release(held);
      throw e;
    }
    published.put(attach.getContainerId(), new Publication(mappings, held));
    apply();
  }

  private static Closeable hold(Port port) throws IOException {
    String host = port.getHostAddress().isEmpty() ? "0.0.0.0" : port.getHostAddress();
    var address = new InetSocketAddress(host, port.getHostPort());
    try {
      if (port.getProtocol().equals("udp")) {
        return new DatagramSocket(address);
      }
      var socket = new ServerSocket();
      try {
        socket.bind(address);
        return socket;
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    } catch (IOException e) {
      throw new IOException(
          "port %s:%d is in use on this node, publish another".formatted(host, port.getHostPort()),
          e);
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
  synchronized void withdraw(String containerId) throws IOException {
    Publication publication = published.remove(containerId);
    if (publication != null) {
      apply();
      release(publication.held());
    }
  }

  private void apply() {
    var all = SetPortMappingsRequest.newBuilder();
    published.values().forEach(publication -> all.addAllMappings(publication.mappings()));
    runner.networks().setPortMappings(all.build());
  }

  private static void release(List<Closeable> held) throws IOException {
    for (Closeable socket : held) {
      socket.close();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    for (Publication publication : published.values()) {
      release(publication.held());
    }
    published.clear();
  }
}
