package dev.waybill.scheduling;

import static dev.waybill.testkit.decider.Scenario.only;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.assignment.RestartAssigned;
import dev.waybill.contracts.assignment.StopAssigned;
import dev.waybill.contracts.container.ContainerAwaitsImage;
import dev.waybill.contracts.container.ContainerFailed;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.container.ContainerStopped;
import dev.waybill.contracts.container.EvictionFinished;
import dev.waybill.contracts.container.EvictionWaveStarted;
import dev.waybill.contracts.container.RequestRefused;
import dev.waybill.contracts.container.StopReason;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.NodeRegistered;
import dev.waybill.contracts.registry.GatePolicyRemoved;
import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.ImageHeld;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.registry.ImageReleased;
import dev.waybill.contracts.registry.RecallLifted;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.GatePolicy;
import dev.waybill.contracts.spec.Resources;
import dev.waybill.contracts.spec.RestartCondition;
import dev.waybill.contracts.spec.RestartPolicy;
import dev.waybill.contracts.workload.RunRequested;
import dev.waybill.contracts.workload.StartRequested;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.scheduling.supply.Supply;
import dev.waybill.testkit.decider.Scenario;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a start waits for, what a recall does. */
class GateSchedulingTest {
  private static final String DIGEST = "sha256:" + "ab".repeat(32);
  private static final String INDEX = "sha256:" + "cd".repeat(32);
  private static final String NAME = "docker.io/library/web";

  private final Scenario<SchedulingState> scenario = new Scenario<>(new SchedulingDecider());

  @BeforeEach
  void withANode() {
    scenario.given(
        NodeRegistered.newBuilder()
            .setNodeId("n1")
            .setCapacity(
                Resources.newBuilder().setCpuMillis(8000).setMemoryBytes(1L << 33).setPids(10_000))
            .build());
  }

  @Test
  void a_container_waits_for_the_release_of_the_digest_that_its_tag_came_to() {
    scenario.given(gate(GatePolicy.newBuilder().setMinAgeMs(1)));
    assertThat(scenario.when(pulled(run("c1")))).isEmpty();

    ContainerAwaitsImage awaits =
        only(ContainerAwaitsImage.class, scenario.when(held("too young"))).getFirst();
    assertThat(awaits.getImageDigest()).isEqualTo(DIGEST);
    assertThat(awaits.getReason()).isEqualTo("too young");
    assertThat(scenario.when(held("too young"))).as("told once").isEmpty();

    List<Message> placed = scenario.when(released());
    assertThat(only(ContainerScheduled.class, placed).getFirst().getImageDigest())
        .isEqualTo(DIGEST);
  }

  @Test
  void a_standing_release_costs_the_next_start_nothing() {
    scenario.given(gate(GatePolicy.newBuilder().setMinAgeMs(1)), pulled(run("c1")), released());

    assertThat(only(ContainerScheduled.class, scenario.when(pulled(run("c2"))))).hasSize(1);
  }

  @Test
  void a_release_for_another_name_or_namespace_is_none() {
    scenario.given(gate(GatePolicy.newBuilder().setMinAgeMs(1)), pulled(run("c1")));

    assertThat(scenario.when(released().toBuilder().setName("quay.io/web").build())).isEmpty();
    assertThat(scenario.when(released().toBuilder().setNamespace("other").build())).isEmpty();
    assertThat(scenario.when(released().toBuilder().setDigest(INDEX).build())).isEmpty();
  }

  @Test
  void a_changed_policy_makes_new_starts_wait_for_a_new_verdict() {
    scenario.given(gate(GatePolicy.newBuilder().setMinAgeMs(1)), pulled(run("c1")), released());
    scenario.given(gate(GatePolicy.newBuilder().setMinAgeMs(2)));

    assertThat(scenario.when(pulled(run("c2")))).isEmpty();
    assertThat(
            only(
                ContainerScheduled.class,
                scenario.when(GatePolicyRemoved.newBuilder().setName("p").build())))
        .hasSize(1);
  }

  @Test
  void a_policy_that_only_denies_needs_no_verdict() {
    scenario.given(gate(GatePolicy.newBuilder().addDeniedDigests("sha256:x")));
    assertThat(only(ContainerScheduled.class, scenario.when(pulled(run("c1"))))).hasSize(1);

    scenario.given(gate(GatePolicy.newBuilder().addDeniedDigests(INDEX)));
    ContainerFailed failed =
        only(ContainerFailed.class, scenario.when(pulled(run("c2")))).getFirst();
    assertThat(failed.getReason()).isEqualTo(DIGEST + " is denied by policy p@1");
  }

  @Test
  void a_container_that_ended_starts_again_only_when_it_may() {
    scenario.given(pulled(run("c1")), started("c1"), recalled(false, 1));

    assertThat(only(RestartAssigned.class, scenario.when(exited("c1")))).isEmpty();
    RequestRefused refused =
        only(
                RequestRefused.class,
                scenario.when(StartRequested.newBuilder().setContainerId("c1").build()))
            .getFirst();
    assertThat(refused.getReason()).contains("was recalled: backdoor");

    assertThat(only(RestartAssigned.class, scenario.when(lifted()))).hasSize(1);
  }

  @Test
  void a_recall_without_eviction_leaves_alone_what_runs() {
    scenario.given(pulled(run("c1")), started("c1"));
    assertThat(scenario.when(recalled(false, 1))).isEmpty();
    assertThat(only(ContainerFailed.class, scenario.when(pulled(run("c2"))))).hasSize(1);
  }

  @Test
  void an_eviction_ends_one_wave_after_the_other_and_replaces_nothing() {
    List<ContainerRequested> replicas = new ArrayList<>();
    for (String name : List.of("a", "b")) {
      List<ContainerRequested> asked =
          only(ContainerRequested.class, scenario.when(applied(name, 2)));
      replicas.addAll(asked);
      scenario.given(pulled(asked.getFirst()));
    }
    replicas.forEach(r -> scenario.given(started(r.getContainerId())));

    List<Message> first = scenario.when(recalled(true, 3));
    EvictionWaveStarted wave = only(EvictionWaveStarted.class, first).getFirst();
    assertThat(wave.getWave()).isOne();
    assertThat(wave.getRemaining()).isOne();
    assertThat(only(ContainerStopped.class, first))
        .hasSize(3)
        .allMatch(stop -> stop.getReason() == StopReason.STOP_REASON_RECALLED);

    List<String> ids =
        only(StopAssigned.class, first).stream().map(s -> s.getContainerId()).toList();
    assertThat(only(EvictionWaveStarted.class, scenario.when(exited(ids.get(0))))).isEmpty();
    assertThat(only(EvictionWaveStarted.class, scenario.when(exited(ids.get(1))))).isEmpty();
    List<Message> second = scenario.when(exited(ids.get(2)));
    String last = only(EvictionWaveStarted.class, second).getFirst().getContainerIds(0);
    List<Message> end = scenario.when(exited(last));
    assertThat(only(EvictionFinished.class, end).getFirst().getWaves()).isEqualTo(2);
    assertThat(scenario.decided(ContainerFailed.class)).hasSize(4);
    assertThat(scenario.decided(EvictionFinished.class)).hasSize(1);
  }

  @Test
  void without_policy_and_recall_nothing_is_kept_of_verdicts() {
    scenario.given(pulled(run("c1")));
    assertThat(scenario.state().supply()).isEqualTo(Supply.OPEN);
  }

  private ContainerRequested run(String id) {
    var spec =
        ContainerSpec.newBuilder()
            .setImage("web:1")
            .setRestart(
                RestartPolicy.newBuilder().setCondition(RestartCondition.RESTART_CONDITION_ALWAYS));
    return only(
            ContainerRequested.class,
            scenario.when(
                RunRequested.newBuilder()
                    .setContainerId(id)
                    .setName(id)
                    .setNamespace("default")
                    .setSpec(spec)
                    .build()))
        .getFirst();
  }

  private static WorkloadApplied applied(String name, int replicas) {
    return WorkloadApplied.newBuilder()
        .setName(name)
        .setNamespace("default")
        .setRevision(1)
        .setReplicas(replicas)
        .setSpec(ContainerSpec.newBuilder().setImage("web:1"))
        .build();
  }

  private static ImagePulled pulled(ContainerRequested request) {
    return ImagePulled.newBuilder()
        .setRequestId(request.getImageRequestId())
        .setReference(NAME + ":1")
        .setDigest(DIGEST)
        .setIndexDigest(INDEX)
        .setRepository("r")
        .build();
  }

  private static GatePolicySet gate(GatePolicy.Builder policy) {
    return GatePolicySet.newBuilder().setName("p").setVersion(1).setPolicy(policy).build();
  }

  private static ImageHeld held(String reason) {
    return ImageHeld.newBuilder()
        .setNamespace("default")
        .setName(NAME)
        .setDigest(DIGEST)
        .setReason(reason)
        .build();
  }

  private static ImageReleased released() {
    return ImageReleased.newBuilder()
        .setNamespace("default")
        .setName(NAME)
        .setDigest(DIGEST)
        .build();
  }

  private static ImageRecalled recalled(boolean evict, int wave) {
    return ImageRecalled.newBuilder()
        .setDigest(INDEX)
        .addDigests(DIGEST)
        .addDigests(INDEX)
        .setReason("backdoor")
        .setEvict(evict)
        .setWaveSize(wave)
        .build();
  }

  private static RecallLifted lifted() {
    return RecallLifted.newBuilder().setDigest(INDEX).build();
  }

  private static ContainerStarted started(String id) {
    return ContainerStarted.newBuilder().setContainerId(id).setNodeId("n1").build();
  }

  private static ContainerExited exited(String id) {
    return ContainerExited.newBuilder().setContainerId(id).setRanMs(60_000).build();
  }
}
