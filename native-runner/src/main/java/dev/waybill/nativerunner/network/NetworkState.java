package dev.waybill.nativerunner.network;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What exists of a runner's networks, written down after each change: {@code networks.json}.
 *
 * @param bridges in order of name
 * @param attachments in order of container and bridge
 * @param ports published ports
 * @param sysctls those that were changed, with the value to go back to
 */
record NetworkState(
    List<BridgeNetwork> bridges,
    List<Attachment> attachments,
    List<PublishedPort> ports,
    List<Sysctl> sysctls) {

  private static final String NAME = "networks.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  static final NetworkState EMPTY = new NetworkState(List.of(), List.of(), List.of(), List.of());

  NetworkState {
    bridges = List.copyOf(bridges);
    attachments = List.copyOf(attachments);
    ports = List.copyOf(ports);
    sysctls = List.copyOf(sysctls);
  }

  /**
   * One container's interface.
   *
   * @param link the end of the pair that is on the bridge
   */
  record Attachment(
      String container, String bridge, String address, String interfaceName, String link) {}

  /** A kernel parameter and the value that it had before. */
  record Sysctl(String path, String before) {}

  static NetworkState read(Path root) throws IOException {
    Path file = root.resolve(NAME);
    return Files.exists(file) ? JSON.readValue(file.toFile(), NetworkState.class) : EMPTY;
  }

  void write(Path root) throws IOException {
    // No file says the same as a file without content, and leaves nothing behind on the host.
    if (equals(EMPTY)) {
      Files.deleteIfExists(root.resolve(NAME));
      return;
    }
    Path temporary = root.resolve(NAME + ".new");
    Files.write(temporary, JSON.writeValueAsBytes(this));
    Files.move(temporary, root.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
  }

  Optional<BridgeNetwork> bridge(String name) {
    return bridges.stream().filter(b -> b.name().equals(name)).findFirst();
  }

  List<Attachment> of(String container) {
    return attachments.stream().filter(a -> a.container().equals(container)).toList();
  }

  NetworkState with(BridgeNetwork bridge) {
    List<BridgeNetwork> all = new ArrayList<>(bridges);
    all.removeIf(b -> b.name().equals(bridge.name()));
    all.add(bridge);
    all.sort(Comparator.comparing(BridgeNetwork::name));
    return new NetworkState(all, attachments, ports, sysctls);
  }

  NetworkState withoutBridge(String name) {
    return new NetworkState(
        bridges.stream().filter(b -> !b.name().equals(name)).toList(), attachments, ports, sysctls);
  }

  NetworkState with(Attachment attachment) {
    List<Attachment> all = new ArrayList<>(attachments);
    all.add(attachment);
    all.sort(Comparator.comparing(Attachment::container).thenComparing(Attachment::bridge));
    return new NetworkState(bridges, all, ports, sysctls);
  }

  NetworkState without(List<Attachment> gone) {
    return new NetworkState(
        bridges, attachments.stream().filter(a -> !gone.contains(a)).toList(), ports, sysctls);
  }

  NetworkState withPorts(List<PublishedPort> wanted) {
    return new NetworkState(bridges, attachments, wanted, sysctls);
  }

  NetworkState with(Sysctl sysctl) {
    if (sysctls.stream().anyMatch(s -> s.path().equals(sysctl.path()))) {
      return this;
    }
    List<Sysctl> all = new ArrayList<>(sysctls);
    all.add(sysctl);
    return new NetworkState(bridges, attachments, ports, all);
  }
}
