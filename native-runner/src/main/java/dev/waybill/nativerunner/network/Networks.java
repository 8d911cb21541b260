package dev.waybill.nativerunner.network;

import dev.waybill.kernel.Digest;
import dev.waybill.nativerunner.sys.Fd;
import dev.waybill.nativerunner.sys.NetworkNamespaces;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * The networks of one runner. One change at a time: the kernel holds one lock for all of it anyway.
 */
public final class Networks {
  private static final int FIRST_PEER_INDEX = 2;
  private static final int LINK_HASH = 10;
  private static final int TABLE_HASH = 8;
  private static final Path FORWARD = Path.of("/proc/sys/net/ipv4/ip_forward");

  private final Path root;
  private final Path spaces;
  private final String instance;
  private NetworkState state;

  private Networks(Path root, NetworkState state) {
    this.root = root;
    this.spaces = root.resolve("netns");
    this.instance = hash(root.toString(), TABLE_HASH);
    this.state = state;
  }

  /** Finds the networks of an earlier service again, and puts rules that are missing in place. */
  public static Networks open(Path root) throws IOException {
    Networks networks = new Networks(root, NetworkState.read(root));
    Files.createDirectories(networks.spaces);
    networks.recover();
    return networks;
  }

  /** After a reboot the files are there and nothing that they speak of. */
  private synchronized void recover() throws IOException {
    if (state.equals(NetworkState.EMPTY)) {
      return;
    }
    List<NetworkState.Attachment> gone =
        state.attachments().stream()
            .filter(a -> !Files.exists(Path.of("/sys/class/net", a.link())))
            .toList();
    state = state.without(gone);
    for (NetworkState.Attachment a : gone) {
      if (state.of(a.container()).isEmpty()) {
        NetworkNamespaces.remove(space(a.container()));
      }
    }
    for (BridgeNetwork bridge : state.bridges()) {
      makeBridge(bridge);
    }
    applyRules(state);
    state.write(root);
  }

  private static String hash(String text, int digits) {
    return Digest.of(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, digits);
  }

  private String table() {
    return "waybill_" + instance;
  }

  private Path space(String container) {
    return spaces.resolve(container);
  }

  private void applyRules(NetworkState wanted) throws IOException {
    try (Conversation netfilter = Conversation.open(Conversation.NETFILTER)) {
      netfilter.transact(
          Ruleset.of(table(), wanted.bridges(), wanted.ports()).replace(),
          "replace table " + table());
    }
  }

  private void commit(NetworkState next) throws IOException {
    next.write(root);
    state = next;
  }

  /** Makes the bridge, or changes it; its link's number. */
  public synchronized int ensureBridge(
      String name, String gateway, int mtu, boolean masquerade, boolean internal)
      throws IOException, NetworkException {
    BridgeNetwork bridge = new BridgeNetwork(name, gateway, mtu, masquerade, internal);
    boolean ours = state.bridge(name).isPresent();
    if (!ours && Files.exists(Path.of("/sys/class/net", name))) {
      throw NetworkException.refused("a link '" + name + "' exists and is not this runner's");
    }
    for (BridgeNetwork other : state.bridges()) {
      boolean overlaps =
          other.address().contains(bridge.address()) || bridge.address().contains(other.address());
      if (!other.name().equals(name) && overlaps) {
        throw NetworkException.refused(
            "network %s overlaps with %s of '%s'"
                .formatted(gateway, other.gateway(), other.name()));
      }
    }
    NetworkState next = forwarding(state).with(bridge);
    commit(next); // written first, so that a crash leaves nothing that nobody knows of
    int index = makeBridge(bridge);
    applyRules(next);
    return index;
  }

  private static int makeBridge(BridgeNetwork bridge) throws IOException {
    try (Links links = Links.open()) {
      links.ensureBridge(bridge.name(), bridge.mtu(), bridge.address().hardwareAddress());
      int index = links.index(bridge.name()).orElseThrow();
      links.addAddress(index, bridge.address());
      // Lets the host reach published ports from 127.0.0.1.
      Files.writeString(Path.of("/proc/sys/net/ipv4/conf", bridge.name(), "route_localnet"), "1");
      return index;
    }
  }

  private static NetworkState forwarding(NetworkState state) throws IOException {
    String before = Files.readString(FORWARD).strip();
    if (before.equals("1")) {
      return state;
    }
    Files.writeString(FORWARD, "1");
    return state.with(new NetworkState.Sysctl(FORWARD.toString(), before));
  }

  /** An interface of a container. */
  public record Attached(Path namespace, String interfaceName, String mac) {}

  /** Gives a container an interface; one that it has on this bridge already is told again. */
  public synchronized Attached attach(
      String container, String bridgeName, String address, String gateway, String mac, String name)
      throws IOException, NetworkException {
    BridgeNetwork bridge =
        state
            .bridge(bridgeName)
            .orElseThrow(() -> NetworkException.notFound("no bridge '" + bridgeName + "'"));
    if (!container.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")) {
      throw new IllegalArgumentException("'" + container + "' is not the id of a container");
    }
    Ipv4 ip = Ipv4.parse(address);
    List<NetworkState.Attachment> own = state.of(container);
    for (NetworkState.Attachment a : own) {
      if (a.bridge().equals(bridgeName)) {
        throw NetworkException.refused(
            "container '%s' is on bridge '%s' already, as %s"
                .formatted(container, bridgeName, a.address()));
      }
    }
    String inside = name.isEmpty() ? "eth" + own.size() : name;
    byte[] hardware = mac.isEmpty() ? ip.hardwareAddress() : HardwareAddress.parse(mac);
    String link = "wb" + hash(instance + "/" + container + "/" + bridgeName, LINK_HASH);
    commit(state.with(new NetworkState.Attachment(container, bridgeName, address, inside, link)));
    boolean done = false;
    try {
      makeInterface(container, bridge, ip, gateway, inside, hardware, link);
      done = true;
    } finally {
      if (!done) {
        detach(container, bridgeName);
      }
    }
    return new Attached(space(container), inside, HardwareAddress.text(hardware));
  }

  private void makeInterface(
      String container,
      BridgeNetwork bridge,
      Ipv4 ip,
      String gateway,
      String inside,
      byte[] hardware,
      String link)
      throws IOException {
    Path space = space(container);
    if (!NetworkNamespaces.isMounted(space)) {
      Files.deleteIfExists(space);
      NetworkNamespaces.create(
          space,
          () -> {
            try (Links links = Links.open()) {
              links.setUp(Links.LOOPBACK);
            }
            return "";
          });
    }
    int peer = FIRST_PEER_INDEX + state.of(container).size() - 1;
    try (Links links = Links.open();
        Fd fd = NetworkNamespaces.open(space)) {
      OptionalInt master = links.index(bridge.name());
      links.addPair(link, master.orElseThrow(), bridge.mtu(), inside, peer, hardware, fd);
    }
    NetworkNamespaces.inside(
        space,
        () -> {
          try (Links links = Links.open()) {
            links.addAddress(peer, ip);
            links.setUp(peer);
            if (!gateway.isEmpty()) {
              links.addDefaultRoute(peer, Ipv4.parse(gateway));
            }
          }
          return "";
        });
  }

  /**
   * Removes a container's interfaces.
   *
   * @param bridge only the one on it; empty is all, and the namespace
   * @return whether there was any
   */
  public synchronized boolean detach(String container, String bridge) throws IOException {
    List<NetworkState.Attachment> gone =
        state.of(container).stream()
            .filter(a -> bridge.isEmpty() || a.bridge().equals(bridge))
            .toList();
    try (Links links = Links.open()) {
      for (NetworkState.Attachment a : gone) {
        links.delete(a.link()); // its peer goes with it
      }
    }
    NetworkState next = state.without(gone);
    if (next.of(container).isEmpty()) {
      NetworkNamespaces.remove(space(container));
    }
    commit(next);
    return !gone.isEmpty();
  }

  /** Replaces all published ports. */
  synchronized void setPorts(List<PublishedPort> ports) throws IOException, NetworkException {
    for (int i = 0; i < ports.size(); i++) {
      PublishedPort port = ports.get(i);
      for (PublishedPort other : ports.subList(0, i)) {
        if (other.hostPort() == port.hostPort()
            && other.protocol() == port.protocol()
            && (other.onEveryAddress()
                || port.onEveryAddress()
                || other.hostIp().equals(port.hostIp()))) {
          throw NetworkException.refused(
              "port %d/%s is published twice".formatted(port.hostPort(), port.protocol()));
        }
      }
      if (!state.ports().contains(port)) {
        checkFree(port);
      }
    }
    NetworkState next = state.withPorts(ports);
    applyRules(next);
    commit(next);
  }

  /** A program of the host that listens there would not be reached any more. */
  private static void checkFree(PublishedPort port) throws NetworkException {
    InetSocketAddress address =
        port.onEveryAddress()
            ? new InetSocketAddress("0.0.0.0", port.hostPort())
            : new InetSocketAddress(port.hostIp(), port.hostPort());
    try {
      if (port.protocol() == Protocol.TCP) {
        try (ServerSocket probe = new ServerSocket()) {
          probe.setReuseAddress(true);
          probe.bind(address);
        }
      } else {
        new DatagramSocket(address).close();
      }
    } catch (IOException e) {
      throw NetworkException.refused(
          "port %d/%s of %s is taken: %s"
              .formatted(
                  port.hostPort(),
                  port.protocol(),
                  address.getAddress().getHostAddress(),
                  e.getMessage()));
    }
  }

  /** Removes a bridge; false when there was none. */
  public synchronized boolean deleteBridge(String name) throws IOException, NetworkException {
    if (state.bridge(name).isEmpty()) {
      return false;
    }
    long used = state.attachments().stream().filter(a -> a.bridge().equals(name)).count();
    if (used > 0) {
      throw NetworkException.refused(
          "bridge '%s' has %d containers; detach them first".formatted(name, used));
    }
    NetworkState next = state.withoutBridge(name);
    applyRules(next);
    try (Links links = Links.open()) {
      links.delete(name);
    }
    commit(next);
    return true;
  }

  /** Removes everything. */
  public synchronized void removeAll() throws IOException, NetworkException {
    for (NetworkState.Attachment a : state.attachments()) {
      detach(a.container(), "");
    }
    for (BridgeNetwork bridge : state.bridges()) {
      deleteBridge(bridge.name());
    }
    try (Conversation netfilter = Conversation.open(Conversation.NETFILTER)) {
      netfilter.transact(
          Ruleset.of(table(), List.of(), List.of()).remove(), "remove table " + table());
    }
    for (NetworkState.Sysctl sysctl : state.sysctls()) {
      Files.writeString(Path.of(sysctl.path()), sysctl.before());
    }
    commit(NetworkState.EMPTY);
  }

  synchronized NetworkState state() {
    return state;
  }

  Path namespace(String container) {
    return space(container);
  }
}
