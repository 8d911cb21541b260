package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.contracts.runner.v1.AttachRequest;
import dev.waybill.contracts.runner.v1.CreateRequest;
import dev.waybill.contracts.runner.v1.CreateResponse;
import dev.waybill.contracts.runner.v1.DetachRequest;
import dev.waybill.contracts.runner.v1.EnsureBridgeRequest;
import dev.waybill.contracts.runner.v1.ListNetworksRequest;
import dev.waybill.contracts.runner.v1.NetworksGrpc;
import dev.waybill.contracts.runner.v1.PortMapping;
import dev.waybill.contracts.runner.v1.RemoveAllRequest;
import dev.waybill.contracts.runner.v1.SetPortMappingsRequest;
import dev.waybill.contracts.runner.v1.StartRequest;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bridges, namespaces and published ports, with real containers. */
class NetworkTest {
  private static final String WEB = "10.213.0.2";
  private static RunnerFixture runner;
  private static String forwardBefore;
  private static int sequence;

  @BeforeAll
  static void start() throws IOException {
    forwardBefore = Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward"));
    runner = new RunnerFixture();
    bridge("wbt0", "10.213.0.1/24");
    bridge("wbt1", "10.214.0.1/24");
    serve("web", "wbt0", WEB + "/24", "10.213.0.1", "serve", "8080");
    serve("dns", "wbt0", "10.213.0.3/24", "10.213.0.1", "serve-udp", "5353");
  }

  @AfterAll
  static void stop() throws IOException {
    networks().removeAll(RemoveAllRequest.getDefaultInstance());
    assertThat(Path.of("/sys/class/net/wbt0")).doesNotExist();
    assertThat(runner.dir().resolve("r/netns")).isEmptyDirectory();
    assertThat(Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward"))).isEqualTo(forwardBefore);
    runner.close();
  }

  private static NetworksGrpc.NetworksBlockingStub networks() {
    return NetworksGrpc.newBlockingStub(runner.channel());
  }

  private static void bridge(String name, String gateway) {
    networks()
        .ensureBridge(
            EnsureBridgeRequest.newBuilder()
                .setName(name)
                .setGateway(gateway)
                .setMasquerade(true)
                .build());
  }

  private static TestBundle attached(String id, String bridge, String address, String gateway)
      throws IOException {
    String netns =
        networks()
            .attach(
                AttachRequest.newBuilder()
                    .setContainerId(id)
                    .setBridge(bridge)
                    .setAddress(address)
                    .setGateway(gateway)
                    .build())
            .getNetnsPath();
    return runner.bundle(id).without("network").joins("network", netns);
  }

  private static void serve(
      String id, String bridge, String address, String gateway, String... words)
      throws IOException {
    CreateResponse created =
        runner
            .api()
            .create(
                CreateRequest.newBuilder()
                    .setId(id)
                    .setBundle(attached(id, bridge, address, gateway).guest(words).write())
                    .build());
    try (AttachClient client = new AttachClient(created.getAttachSocket())) {
      runner.api().start(StartRequest.newBuilder().setId(id).build());
      client.readUntil("ready");
    }
  }

  /** What a container on a bridge hears. */
  private static String from(String bridge, String verb, String ip, int port) throws IOException {
    int number = ++sequence;
    String id = "client" + number;
    String prefix = bridge.equals("wbt0") ? "10.213.0." : "10.214.0.";
    TestBundle bundle =
        attached(id, bridge, prefix + (100 + number) + "/24", prefix + "1")
            .guest(verb, ip, Integer.toString(port));
    String text = runner.run(id, bundle).text();
    runner.delete(id);
    networks().detach(DetachRequest.newBuilder().setContainerId(id).build());
    return text;
  }

  private static String fromHost(String ip, int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(ip, port), 3000);
      socket.setSoTimeout(3000);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static PortMapping mapping(String ip, int port, String protocol, String to, int inside) {
    return PortMapping.newBuilder()
        .setHostIp(ip)
        .setHostPort(port)
        .setProtocol(protocol)
        .setContainerIp(to)
        .setContainerPort(inside)
        .build();
  }

  private static void publish(PortMapping... mappings) {
    SetPortMappingsRequest.Builder request = SetPortMappingsRequest.newBuilder();
    for (PortMapping m : mappings) {
      request.addMappings(m);
    }
    networks().setPortMappings(request.build());
  }

  @Test
  void neighbours_on_a_bridge_and_the_host_reach_a_container() throws IOException {
    assertThat(from("wbt0", "fetch", WEB, 8080)).startsWith("hello 10.213.0.10");
    assertThat(fromHost(WEB, 8080)).isEqualTo("hello 10.213.0.1\n");
  }

  @Test
  void another_network_does_not_reach_it() throws IOException {
    assertThat(from("wbt1", "fetch", WEB, 8080)).isEqualTo("silence");
  }

  @Test
  void a_published_port_is_reached_from_everywhere() throws IOException {
    int port = freePort();
    publish(mapping("", port, "tcp", WEB, 8080));

    assertThat(fromHost("127.0.0.1", port)).startsWith("hello 10.213.0.1");
    assertThat(fromHost("10.214.0.1", port)).startsWith("hello ");
    assertThat(from("wbt1", "fetch", "10.214.0.1", port)).startsWith("hello ");
    // A neighbour that goes the long way round gets its answer the same way.
    assertThat(from("wbt0", "fetch", "10.213.0.1", port)).startsWith("hello ");
    publish();
    assertThatThrownBy(() -> fromHost("127.0.0.1", port)).hasMessageContaining("refused");
  }

  @Test
  void a_port_can_be_published_on_one_address_only() throws IOException {
    int port = freePort();
    publish(mapping("127.0.0.1", port, "tcp", WEB, 8080));

    assertThat(fromHost("127.0.0.1", port)).startsWith("hello ");
    assertThatThrownBy(() -> fromHost("10.214.0.1", port)).hasMessageContaining("refused");
    publish();
  }

  @Test
  void udp_is_published_too() throws IOException {
    int port = 20_000 + freePort() % 10_000;
    publish(mapping("", port, "udp", "10.213.0.3", 5353));
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(3000);
      socket.connect(new InetSocketAddress("127.0.0.1", port));
      socket.send(new DatagramPacket(new byte[] {1}, 1));
      DatagramPacket answer = new DatagramPacket(new byte[100], 100);
      socket.receive(answer);
      assertThat(new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8))
          .startsWith("hello ");
    }
    publish();
  }

  @Test
  void a_port_that_a_program_of_the_host_has_is_refused() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      assertThatThrownBy(() -> publish(mapping("", taken.getLocalPort(), "tcp", WEB, 8080)))
          .hasMessageContaining("FAILED_PRECONDITION")
          .hasMessageContaining("port " + taken.getLocalPort() + "/tcp");
    }
  }

  @Test
  void networks_are_found_again_after_a_restart() throws IOException {
    int port = freePort();
    publish(mapping("", port, "tcp", WEB, 8080));

    runner.restart();

    assertThat(fromHost("127.0.0.1", port)).startsWith("hello ");
    assertThat(networks().listNetworks(ListNetworksRequest.getDefaultInstance()).getBridgesList())
        .extracting(b -> b.getName())
        .containsExactly("wbt0", "wbt1");
    assertThat(from("wbt0", "fetch", WEB, 8080)).startsWith("hello ");
    publish();
  }

  @Test
  void bad_requests_are_refused_with_their_values() {
    assertThatThrownBy(() -> bridge("name-that-is-too-long", "10.9.0.1/24"))
        .hasMessageContaining("INVALID_ARGUMENT");
    assertThatThrownBy(() -> bridge("wbt2", "10.213.0.1/16")).hasMessageContaining("overlaps");
    assertThatThrownBy(() -> attached("x", "nosuch", "10.213.0.9/24", ""))
        .hasMessageContaining("NOT_FOUND");
    assertThatThrownBy(() -> attached("x", "wbt0", "10.213.0.999/24", ""))
        .hasMessageContaining("10.213.0.999");
  }
}
