package dev.waybill.networking;

import static dev.waybill.testkit.decider.Scenario.only;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.assignment.EndpointsAssigned;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.network.AddressAssigned;
import dev.waybill.contracts.network.AddressRefused;
import dev.waybill.contracts.network.AddressReleased;
import dev.waybill.contracts.network.NetworkCreated;
import dev.waybill.contracts.network.NetworkRemoved;
import dev.waybill.contracts.network.ServiceEndpointsChanged;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.Health;
import dev.waybill.contracts.node.HealthChanged;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.workload.NetworkDeclared;
import dev.waybill.contracts.workload.NetworkWithdrawn;
import dev.waybill.testkit.decider.Scenario;
import dev.waybill.testkit.seed.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NetworkingDeciderTest {
  private final Scenario<NetworkingState> scenario = new Scenario<>(new NetworkingDecider());

  @Test
  void a_network_without_a_range_gets_a_free_one_beside_the_default_network() {
    scenario.given(network("bridge", "10.9.0.0/24"), network("a", ""));

    NetworkCreated second = only(NetworkCreated.class, scenario.when(network("b", ""))).getFirst();

    assertThat(second.getSubnet()).isEqualTo("10.9.2.0/24");
    assertThat(second.getGateway()).isEqualTo("10.9.2.1");
    assertThat(scenario.when(network("b", ""))).isEmpty();
  }

  @Test
  void a_scheduled_container_gets_an_address_and_its_node_the_order_to_attach_it() {
    scenario.given(network("bridge", "10.9.0.0/24"), requested("c1", "web", ""));

    List<Message> decided = scenario.when(scheduled("c1", "n1"));

    AddressAssigned address = only(AddressAssigned.class, decided).getFirst();
    assertThat(address.getAddress()).isEqualTo("10.9.0.2");
    assertThat(address.getNamesList()).contains("web", "web-c1");
    assertThat(only(AttachAssigned.class, decided).getFirst().getNodeId()).isEqualTo("n1");
  }

  @Test
  void a_container_on_no_network_gets_nothing() {
    scenario.given(requested("c1", "web", "none"), requested("c2", "web", "host"));

    assertThat(scenario.when(scheduled("c1", "n1"))).isEmpty();
    assertThat(scenario.when(scheduled("c2", "n1"))).isEmpty();
  }

  @Test
  void an_unknown_network_is_refused_by_name() {
    scenario.given(requested("c1", "web", "lan"));

    assertThat(
            only(AddressRefused.class, scenario.when(scheduled("c1", "n1"))).getFirst().getReason())
        .contains("'lan'");
  }

  @Test
  void a_full_network_refuses_and_a_released_address_is_used_again() {
    scenario.given(network("bridge", "10.9.0.0/29"));
    for (int i = 1; i <= 5; i++) {
      scenario.given(requested("c" + i, "w", ""), scheduled("c" + i, "n1"));
    }
    scenario.given(requested("c6", "w", ""));
    assertThat(only(AddressRefused.class, scenario.when(scheduled("c6", "n1")))).hasSize(1);

    AddressReleased released = only(AddressReleased.class, scenario.when(removed("c3"))).getFirst();
    scenario.given(requested("c7", "w", ""));
    assertThat(
            only(AddressAssigned.class, scenario.when(scheduled("c7", "n1")))
                .getFirst()
                .getAddress())
        .isEqualTo(released.getAddress());
  }

  @Test
  void a_name_stands_for_the_containers_that_run() {
    scenario.given(network("bridge", "10.9.0.0/24"));
    scenario.given(requested("c1", "web", ""), scheduled("c1", "n1"));
    scenario.given(requested("c2", "web", ""), scheduled("c2", "n1"), started("c1", false));

    List<Message> decided = scenario.when(started("c2", false));
    assertThat(endpoints(decided, "web")).containsExactly("10.9.0.2", "10.9.0.3");
    assertThat(only(EndpointsAssigned.class, decided).stream().map(EndpointsAssigned::getName))
        .contains("web");

    assertThat(endpoints(scenario.when(exited("c1")), "web")).containsExactly("10.9.0.3");
  }

  @Test
  void a_container_with_a_health_check_is_reachable_by_name_once_it_is_healthy() {
    scenario.given(network("bridge", "10.9.0.0/24"));
    scenario.given(requested("c1", "web", ""), scheduled("c1", "n1"));
    assertThat(scenario.when(started("c1", true))).isEmpty();

    assertThat(endpoints(scenario.when(health("c1", Health.HEALTH_HEALTHY)), "web")).hasSize(1);
    assertThat(endpoints(scenario.when(health("c1", Health.HEALTH_UNHEALTHY)), "web")).isEmpty();
  }

  @Test
  void a_node_that_is_new_to_a_network_is_told_the_names_on_it() {
    scenario.given(network("bridge", "10.9.0.0/24"));
    scenario.given(requested("c1", "web", ""), scheduled("c1", "n1"), started("c1", false));
    scenario.given(requested("c2", "app", ""));

    List<EndpointsAssigned> told =
        only(EndpointsAssigned.class, scenario.when(scheduled("c2", "n2")));

    assertThat(told).allMatch(e -> e.getNodeId().equals("n2"));
    assertThat(told.stream().map(EndpointsAssigned::getName)).contains("web");
  }

  @Test
  void a_network_goes_only_when_nobody_is_on_it() {
    scenario.given(
        network("bridge", "10.9.0.0/24"), requested("c1", "w", ""), scheduled("c1", "n1"));
    Message withdrawn = NetworkWithdrawn.newBuilder().setName("bridge").build();

    assertThat(scenario.when(withdrawn)).isEmpty();
    scenario.given(removed("c1"));
    assertThat(only(NetworkRemoved.class, scenario.when(withdrawn))).hasSize(1);
  }

  @Test
  void no_address_is_held_by_two_containers_at_a_time() {
    Seeds.forEachSeed(
        100,
        seed -> {
          var random = new SplittableRandom(seed);
          var world = new Scenario<>(new NetworkingDecider());
          world.given(network("bridge", "10.9.0.0/28"));
          List<String> present = new ArrayList<>();
          Map<String, String> holders = new HashMap<>();
          for (int i = 0; i < 200; i++) {
            if (present.isEmpty() || random.nextInt(3) > 0) {
              String id = "c" + i;
              world.given(requested(id, "w", ""));
              for (AddressAssigned a :
                  only(AddressAssigned.class, world.when(scheduled(id, "n")))) {
                assertThat(holders.putIfAbsent(a.getAddress(), id)).isNull();
                present.add(id);
              }
            } else {
              String id = present.remove(random.nextInt(present.size()));
              for (AddressReleased a : only(AddressReleased.class, world.when(removed(id)))) {
                assertThat(holders.remove(a.getAddress())).isEqualTo(id);
              }
            }
          }
        });
  }

  private static List<String> endpoints(List<Message> decided, String name) {
    return only(ServiceEndpointsChanged.class, decided).stream()
        .filter(e -> e.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getAddressesList();
  }

  private static NetworkDeclared network(String name, String subnet) {
    return NetworkDeclared.newBuilder().setName(name).setSubnet(subnet).build();
  }

  private static String id(String name) {
    return (name + "-" + "0".repeat(32)).substring(0, 32);
  }

  private static ContainerRequested requested(String name, String workload, String network) {
    return ContainerRequested.newBuilder()
        .setContainerId(id(name))
        .setName(workload + "-" + name)
        .setWorkload(workload)
        .setSpec(ContainerSpec.newBuilder().setNetwork(network))
        .build();
  }

  private static ContainerScheduled scheduled(String name, String node) {
    return ContainerScheduled.newBuilder().setContainerId(id(name)).setNodeId(node).build();
  }

  private static ContainerStarted started(String name, boolean awaitsHealth) {
    return ContainerStarted.newBuilder()
        .setContainerId(id(name))
        .setAwaitsHealth(awaitsHealth)
        .build();
  }

  private static ContainerExited exited(String name) {
    return ContainerExited.newBuilder().setContainerId(id(name)).build();
  }

  private static ContainerRemoved removed(String name) {
    return ContainerRemoved.newBuilder().setContainerId(id(name)).build();
  }

  private static HealthChanged health(String name, Health health) {
    return HealthChanged.newBuilder().setContainerId(id(name)).setHealth(health).build();
  }
}
