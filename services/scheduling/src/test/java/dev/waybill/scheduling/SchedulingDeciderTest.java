package dev.waybill.scheduling;

import static dev.waybill.testkit.decider.Scenario.only;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.assignment.RemoveAssigned;
import dev.waybill.contracts.assignment.RestartAssigned;
import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.contracts.assignment.StopAssigned;
import dev.waybill.contracts.container.ContainerFailed;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.container.ContainerStopped;
import dev.waybill.contracts.container.ContainerUnschedulable;
import dev.waybill.contracts.container.NodeLivenessObserved;
import dev.waybill.contracts.container.NodeLost;
import dev.waybill.contracts.container.RequestRefused;
import dev.waybill.contracts.container.StopReason;
import dev.waybill.contracts.container.TimerFired;
import dev.waybill.contracts.container.TimerSet;
import dev.waybill.contracts.container.WorkloadSettled;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.image.PullFailure;
import dev.waybill.contracts.node.ContainerCleaned;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.Health;
import dev.waybill.contracts.node.HealthChanged;
import dev.waybill.contracts.node.NodeRegistered;
import dev.waybill.contracts.registry.ImageRejected;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.Resources;
import dev.waybill.contracts.spec.RestartCondition;
import dev.waybill.contracts.spec.RestartPolicy;
import dev.waybill.contracts.workload.RemoveRequested;
import dev.waybill.contracts.workload.RunRequested;
import dev.waybill.contracts.workload.StopRequested;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.contracts.workload.WorkloadRemoved;
import dev.waybill.contracts.workload.WorkloadScaled;
import dev.waybill.testkit.decider.Scenario;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulingDeciderTest {
  private static final String DIGEST = "sha256:" + "ab".repeat(32);
  private final Scenario<SchedulingState> scenario = new Scenario<>(new SchedulingDecider());

  @Test
  void a_run_is_requested_placed_when_its_image_is_here_and_assigned_to_its_node() {
    scenario.given(node("n1", 2000));
    List<Message> requested = scenario.when(run("c1", ContainerSpec.getDefaultInstance()));
    assertThat(requested).hasOnlyElementsOfType(ContainerRequested.class).hasSize(1);

    List<Message> placed =
        scenario.when(pulled(only(ContainerRequested.class, requested).getFirst()));

    ContainerScheduled scheduled = only(ContainerScheduled.class, placed).getFirst();
    assertThat(scheduled.getNodeId()).isEqualTo("n1");
    assertThat(scheduled.getImageDigest()).isEqualTo(DIGEST);
    assertThat(scheduled.getCandidatesList()).hasSize(1);
    assertThat(only(RunAssigned.class, placed).getFirst().getAwaitsAddress()).isTrue();
  }

  @Test
  void an_image_outside_policy_fails_the_container_with_the_gate_s_reason() {
    scenario.given(node("n1", 2000));
    ContainerRequested requested = requested(scenario.when(run("c1", spec(0))));

    List<Message> decided =
        scenario.when(
            ImageRejected.newBuilder()
                .setRequestId(requested.getImageRequestId())
                .setReason("outside policy")
                .build());

    ContainerFailed failed = only(ContainerFailed.class, decided).getFirst();
    assertThat(failed.getReason()).isEqualTo("outside policy");
    assertThat(failed.getExitCode()).isEqualTo(125);
  }

  @Test
  void a_container_that_fits_nowhere_waits_and_says_once_what_it_lacks() {
    scenario.given(node("n1", 500), node("n2", 800));
    ContainerRequested requested = requested(scenario.when(run("c1", spec(1000))));

    List<Message> first = scenario.when(pulled(requested));
    List<Message> again = scenario.when(started("other"));

    ContainerUnschedulable why = only(ContainerUnschedulable.class, first).getFirst();
    assertThat(why.getFiltered(0).getConstraint()).isEqualTo("cpu");
    assertThat(why.getFiltered(0).getNodes()).isEqualTo(2);
    assertThat(why.getFiltered(0).getExample()).contains("needs 1000m");
    assertThat(again).isEmpty();
  }

  @Test
  void a_waiting_container_is_placed_when_a_node_with_room_comes() {
    scenario.given(node("n1", 500));
    scenario.given(pulled(requested(scenario.when(run("c1", spec(1000))))));

    List<Message> decided = scenario.when(node("n2", 4000));

    assertThat(only(ContainerScheduled.class, decided).getFirst().getNodeId()).isEqualTo("n2");
  }

  @Test
  void all_replicas_of_a_revision_wait_for_one_image_request() {
    scenario.given(node("n1", 4000));

    List<ContainerRequested> replicas =
        only(ContainerRequested.class, scenario.when(applied("web", 1, 3)));

    assertThat(replicas).hasSize(3);
    assertThat(replicas.stream().map(ContainerRequested::getImageRequestId).distinct()).hasSize(1);
    assertThat(replicas.stream().map(ContainerRequested::getName))
        .containsExactly("web-1", "web-2", "web-3");
  }

  @Test
  void a_killed_replica_is_replaced_at_once_by_one_that_names_it() {
    ContainerRequested web = runningReplica(1);

    List<Message> decided = scenario.when(exited(web.getContainerId(), 137, 60_000));

    ContainerRequested replacement = requested(decided);
    assertThat(replacement.getReplaces()).isEqualTo(web.getContainerId());
    assertThat(replacement.getAttempt()).isEqualTo(2);
    assertThat(replacement.getName()).isEqualTo("web-1.2");
    assertThat(only(RunAssigned.class, decided)).hasSize(1);
  }

  @Test
  void a_replica_that_keeps_ending_soon_waits_longer_each_time() {
    ContainerRequested replica = runningReplica(1);
    ContainerRequested second = requested(scenario.when(exited(replica.getContainerId(), 1, 10)));
    scenario.given(started(second.getContainerId()));

    TimerSet wait =
        only(TimerSet.class, scenario.when(exited(second.getContainerId(), 1, 10))).getFirst();
    assertThat(wait.getDueMs() - scenario.now().toEpochMilli()).isEqualTo(500);

    ContainerRequested third = requested(scenario.after(Duration.ofSeconds(1)).when(fired(wait)));
    scenario.given(started(third.getContainerId()));
    TimerSet longer =
        only(TimerSet.class, scenario.when(exited(third.getContainerId(), 1, 10))).getFirst();
    assertThat(longer.getDueMs() - scenario.now().toEpochMilli()).isEqualTo(1000);
  }

  @Test
  void a_one_off_run_that_may_restart_is_started_again_in_place() {
    ContainerSpec restarting =
        ContainerSpec.newBuilder()
            .setRestart(
                RestartPolicy.newBuilder()
                    .setCondition(RestartCondition.RESTART_CONDITION_ON_FAILURE))
            .build();
    runningRun("c1", restarting);

    assertThat(only(RestartAssigned.class, scenario.when(exited(id("c1"), 1, 60_000)))).hasSize(1);
    scenario.given(started(id("c1")));
    assertThat(scenario.when(exited(id("c1"), 0, 60_000))).isEmpty();
  }

  @Test
  void a_run_that_was_asked_to_stop_is_not_started_again() {
    ContainerSpec always =
        ContainerSpec.newBuilder()
            .setRestart(
                RestartPolicy.newBuilder().setCondition(RestartCondition.RESTART_CONDITION_ALWAYS))
            .build();
    runningRun("c1", always);

    List<Message> stop = scenario.when(StopRequested.newBuilder().setContainerId(id("c1")).build());
    assertThat(only(ContainerStopped.class, stop).getFirst().getReason())
        .isEqualTo(StopReason.STOP_REASON_REQUESTED);
    assertThat(only(StopAssigned.class, stop).getFirst().getGraceMs()).isEqualTo(10_000);
    assertThat(scenario.when(exited(id("c1"), 143, 60_000))).isEmpty();
  }

  @Test
  void auto_remove_deletes_the_record_when_the_node_has_cleaned_up() {
    runningRun("c1", ContainerSpec.newBuilder().setAutoRemove(true).build());

    assertThat(only(RemoveAssigned.class, scenario.when(exited(id("c1"), 0, 5)))).hasSize(1);
    List<Message> decided =
        scenario.when(ContainerCleaned.newBuilder().setContainerId(id("c1")).build());

    assertThat(decided).hasOnlyElementsOfType(ContainerRemoved.class);
    assertThat(scenario.state().containers()).isEmpty();
    assertThat(scenario.state().images()).isEmpty();
  }

  @Test
  void a_running_container_is_removed_only_by_force() {
    runningRun("c1", ContainerSpec.getDefaultInstance());

    List<Message> refused = scenario.when(remove("c1", false));
    assertThat(only(RequestRefused.class, refused).getFirst().getReason()).contains("--force");

    assertThat(only(ContainerStopped.class, scenario.when(remove("c1", true)))).hasSize(1);
    assertThat(only(RemoveAssigned.class, scenario.when(exited(id("c1"), 137, 5)))).hasSize(1);
  }

  @Test
  void a_scale_down_ends_the_last_replicas_and_a_scale_up_asks_for_new_ones() {
    scenario.given(node("n1", 8000));
    List<ContainerRequested> replicas =
        only(ContainerRequested.class, scenario.when(applied("web", 1, 3)));
    scenario.given(pulled(replicas.getFirst()));
    replicas.forEach(replica -> scenario.given(started(replica.getContainerId())));

    List<Message> down = scenario.when(scaled("web", 1));
    assertThat(only(ContainerStopped.class, down).stream().map(ContainerStopped::getContainerId))
        .containsExactlyInAnyOrder(
            replicas.get(1).getContainerId(), replicas.get(2).getContainerId());

    assertThat(only(ContainerRequested.class, scenario.when(scaled("web", 4)))).hasSize(1);
  }

  @Test
  void a_new_revision_replaces_replicas_one_at_a_time() {
    scenario.given(node("n1", 8000));
    List<ContainerRequested> old =
        only(ContainerRequested.class, scenario.when(applied("web", 1, 2)));
    scenario.given(pulled(old.getFirst()));
    old.forEach(replica -> scenario.given(started(replica.getContainerId())));

    List<Message> first = scenario.when(applied("web", 2, 2));
    assertThat(only(ContainerStopped.class, first)).hasSize(1);

    String stopped = only(ContainerStopped.class, first).getFirst().getContainerId();
    ContainerRequested young = requested(scenario.when(exited(stopped, 143, 60_000)));
    assertThat(young.getRevision()).isEqualTo(2);
    scenario.given(pulled(young));
    List<Message> second = scenario.when(started(young.getContainerId()));
    assertThat(only(ContainerStopped.class, second)).hasSize(1);
  }

  @Test
  void a_workload_waits_for_what_it_depends_on_to_be_healthy() {
    scenario.given(node("n1", 8000));
    ContainerRequested db = requested(scenario.when(applied("db", 1, 1)));
    List<Message> early =
        scenario.when(applied("web", 1, 1).toBuilder().addDependsOn("db").build());
    assertThat(only(ContainerRequested.class, early)).isEmpty();

    scenario.given(pulled(db));
    assertThat(scenario.when(startedWithCheck(db.getContainerId()))).isEmpty();
    assertThat(only(ContainerRequested.class, scenario.when(health(db, Health.HEALTH_HEALTHY))))
        .hasSize(1);
  }

  @Test
  void a_lost_node_s_replicas_are_placed_elsewhere() {
    scenario.given(node("n1", 1000));
    ContainerRequested web = requested(scenario.when(applied("web", 1, 1)));
    scenario.given(pulled(web), started(web.getContainerId()), node("n2", 1000));

    List<Message> decided = scenario.when(liveness("n1", false));

    assertThat(only(NodeLost.class, decided)).hasSize(1);
    assertThat(requested(decided).getReplaces()).isEqualTo(web.getContainerId());
    assertThat(only(ContainerScheduled.class, decided).getFirst().getNodeId()).isEqualTo("n2");
    assertThat(only(ContainerScheduled.class, decided).getFirst().getFiltered(0).getConstraint())
        .isEqualTo("lost");
  }

  @Test
  void a_node_that_comes_back_with_a_replaced_replica_is_told_to_end_it() {
    scenario.given(node("n1", 1000));
    ContainerRequested web = requested(scenario.when(applied("web", 1, 1)));
    scenario.given(
        pulled(web), started(web.getContainerId()), node("n2", 1000), liveness("n1", false));

    List<Message> decided =
        scenario.when(node("n1", 1000).toBuilder().addRunning(web.getContainerId()).build());

    ContainerStopped stopped = only(ContainerStopped.class, decided).getFirst();
    assertThat(stopped.getContainerId()).isEqualTo(web.getContainerId());
    assertThat(stopped.getReason()).isEqualTo(StopReason.STOP_REASON_SUPERSEDED);
  }

  @Test
  void an_image_that_could_not_be_had_is_asked_for_again_later() {
    scenario.given(node("n1", 1000));
    ContainerRequested web = requested(scenario.when(applied("web", 1, 1)));

    List<Message> decided =
        scenario.when(
            ImagePullFailed.newBuilder()
                .setRequestId(web.getImageRequestId())
                .setFailure(PullFailure.PULL_FAILURE_UNREACHABLE)
                .setMessage("registry unreachable")
                .build());

    assertThat(only(ContainerFailed.class, decided)).hasSize(1);
    TimerSet timer = only(TimerSet.class, scenario.when(started("nudge"))).getFirst();
    ContainerRequested again = requested(scenario.after(Duration.ofMinutes(1)).when(fired(timer)));
    assertThat(again.getImageRequestId()).isNotEqualTo(web.getImageRequestId());
  }

  @Test
  void a_workload_is_settled_once_when_all_its_replicas_are_ready() {
    scenario.given(node("n1", 8000));
    List<ContainerRequested> replicas =
        only(ContainerRequested.class, scenario.when(applied("web", 1, 2)));
    scenario.given(pulled(replicas.getFirst()), started(replicas.getFirst().getContainerId()));
    assertThat(scenario.decided(WorkloadSettled.class)).isEmpty();

    List<Message> decided = scenario.when(started(replicas.getLast().getContainerId()));

    assertThat(only(WorkloadSettled.class, decided).getFirst().getReplicas()).isEqualTo(2);
    assertThat(scenario.when(started("nudge"))).isEmpty();
  }

  @Test
  void a_removed_workload_goes_with_all_its_containers() {
    ContainerRequested web = runningReplica(1);

    List<Message> stop =
        scenario.when(WorkloadRemoved.newBuilder().setName("web").setNamespace("default").build());
    assertThat(only(ContainerStopped.class, stop).getFirst().getReason())
        .isEqualTo(StopReason.STOP_REASON_WORKLOAD_REMOVED);
    scenario.given(
        exited(web.getContainerId(), 143, 5),
        ContainerCleaned.newBuilder().setContainerId(web.getContainerId()).build());

    assertThat(scenario.state().containers()).isEmpty();
    assertThat(scenario.state().workloads()).isEmpty();
  }

  private ContainerRequested runningReplica(int revision) {
    scenario.given(node("n1", 8000));
    ContainerRequested web = requested(scenario.when(applied("web", revision, 1)));
    scenario.given(pulled(web), started(web.getContainerId()));
    return web;
  }

  private void runningRun(String name, ContainerSpec spec) {
    scenario.given(node("n1", 8000));
    ContainerRequested requested = requested(scenario.when(run(name, spec)));
    scenario.given(pulled(requested), started(requested.getContainerId()));
  }

  private static ContainerRequested requested(List<Message> decided) {
    return only(ContainerRequested.class, decided).getFirst();
  }

  private static String id(String name) {
    return (name + "0".repeat(32)).substring(0, 32);
  }

  private static RunRequested run(String name, ContainerSpec spec) {
    return RunRequested.newBuilder()
        .setContainerId(id(name))
        .setName(name)
        .setNamespace("default")
        .setSpec(spec)
        .build();
  }

  private static ContainerSpec spec(int cpuMillis) {
    return ContainerSpec.newBuilder()
        .setResources(Resources.newBuilder().setCpuMillis(cpuMillis))
        .build();
  }

  private static WorkloadApplied applied(String name, int revision, int replicas) {
    return WorkloadApplied.newBuilder()
        .setName(name)
        .setNamespace("default")
        .setRevision(revision)
        .setReplicas(replicas)
        .build();
  }

  private static WorkloadScaled scaled(String name, int replicas) {
    return WorkloadScaled.newBuilder()
        .setName(name)
        .setNamespace("default")
        .setReplicas(replicas)
        .build();
  }

  private static NodeRegistered node(String id, int cpuMillis) {
    return NodeRegistered.newBuilder()
        .setNodeId(id)
        .setCapacity(
            Resources.newBuilder().setCpuMillis(cpuMillis).setMemoryBytes(1L << 33).setPids(1000))
        .build();
  }

  private static ImagePulled pulled(ContainerRequested requested) {
    return ImagePulled.newBuilder()
        .setRequestId(requested.getImageRequestId())
        .setDigest(DIGEST)
        .setRepository("web")
        .build();
  }

  private static ContainerStarted started(String id) {
    return ContainerStarted.newBuilder().setContainerId(id).build();
  }

  private static ContainerStarted startedWithCheck(String id) {
    return ContainerStarted.newBuilder().setContainerId(id).setAwaitsHealth(true).build();
  }

  private static HealthChanged health(ContainerRequested container, Health health) {
    return HealthChanged.newBuilder()
        .setContainerId(container.getContainerId())
        .setHealth(health)
        .build();
  }

  private static ContainerExited exited(String id, int code, long ranMs) {
    return ContainerExited.newBuilder()
        .setContainerId(id)
        .setExitCode(code)
        .setRanMs(ranMs)
        .build();
  }

  private static RemoveRequested remove(String name, boolean force) {
    return RemoveRequested.newBuilder().setContainerId(id(name)).setForce(force).build();
  }

  private static NodeLivenessObserved liveness(String node, boolean alive) {
    return NodeLivenessObserved.newBuilder().setNodeId(node).setAlive(alive).build();
  }

  private static TimerFired fired(TimerSet timer) {
    return TimerFired.newBuilder()
        .setTimerId(timer.getTimerId())
        .setPurpose(timer.getPurpose())
        .setSubject(timer.getSubject())
        .build();
  }
}
