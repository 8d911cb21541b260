package dev.waybill.scheduling;

import static dev.waybill.testkit.decider.Scenario.only;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.assignment.PrefetchAssigned;
import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.contracts.container.ContainerFailed;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.image.ImageArriving;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.image.PullFailure;
import dev.waybill.contracts.node.NodeRegistered;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.Resources;
import dev.waybill.contracts.workload.NodeCordonRequested;
import dev.waybill.contracts.workload.Placement;
import dev.waybill.contracts.workload.RunRequested;
import dev.waybill.contracts.workload.StopRequested;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.testkit.decider.Scenario;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who fetches an image while it arrives, and what comes of it. */
class PrefetchSchedulingTest {
  private static final String DIGEST = "sha256:" + "ab".repeat(32);

  private final Scenario<SchedulingState> scenario = new Scenario<>(new SchedulingDecider());

  @Test
  void the_node_that_placement_would_choose_fetches_and_nothing_runs_before_the_image_is_here() {
    scenario.given(node("n1", 500), node("n2", 4000));
    ContainerRequested requested = requested(scenario.when(run("c1", 1000)));

    List<Message> decided = scenario.when(arriving(requested));

    assertThat(decided).hasOnlyElementsOfType(PrefetchAssigned.class).hasSize(1);
    PrefetchAssigned prefetch = only(PrefetchAssigned.class, decided).getFirst();
    assertThat(prefetch.getNodeId()).isEqualTo("n2");
    assertThat(prefetch.getImageDigest()).isEqualTo(DIGEST);
    assertThat(prefetch.getImageRepository()).isEqualTo("mirror/web");
  }

  @Test
  void a_container_goes_to_the_node_that_fetches_for_it_when_others_are_about_as_good() {
    scenario.given(node("n2", 4000));
    ContainerRequested requested = requested(scenario.when(run("c1", 1000)));
    scenario.given(arriving(requested), node("n1", 4000));

    List<Message> decided = scenario.when(pulled(requested));

    ContainerScheduled scheduled = only(ContainerScheduled.class, decided).getFirst();
    assertThat(scheduled.getNodeId()).isEqualTo("n2");
    assertThat(scheduled.getCandidates(0).getExplanation()).contains("fetched ahead");
    assertThat(scheduled.getCandidates(1).getExplanation()).doesNotContain("fetched ahead");
  }

  @Test
  void a_node_that_takes_no_more_containers_gets_none_though_it_fetches() {
    scenario.given(node("n2", 4000));
    ContainerRequested requested = requested(scenario.when(run("c1", 1000)));
    scenario.given(
        arriving(requested),
        node("n1", 4000),
        NodeCordonRequested.newBuilder().setNodeId("n2").setCordoned(true).build());

    List<Message> decided = scenario.when(pulled(requested));

    assertThat(only(RunAssigned.class, decided).getFirst().getNodeId()).isEqualTo("n1");
  }

  @Test
  void replicas_that_are_spread_are_fetched_for_where_each_would_go() {
    scenario.given(node("n1", 4000), node("n2", 4000), node("n3", 4000));
    ContainerRequested replica =
        requested(
            scenario.when(
                WorkloadApplied.newBuilder()
                    .setName("web")
                    .setNamespace("default")
                    .setRevision(1)
                    .setReplicas(2)
                    .setPlacement(Placement.PLACEMENT_SPREAD)
                    .build()));

    List<Message> fetched = scenario.when(arriving(replica));
    List<Message> placed = scenario.when(pulled(replica));

    List<String> fetching =
        only(PrefetchAssigned.class, fetched).stream().map(PrefetchAssigned::getNodeId).toList();
    assertThat(fetching).containsExactly("n1", "n2");
    assertThat(only(RunAssigned.class, placed).stream().map(RunAssigned::getNodeId))
        .containsExactlyInAnyOrderElementsOf(fetching);
  }

  @Test
  void an_image_that_arrives_again_is_not_assigned_again() {
    scenario.given(node("n1", 4000));
    ContainerRequested requested = requested(scenario.when(run("c1", 1000)));
    scenario.given(arriving(requested));

    assertThat(scenario.when(arriving(requested))).isEmpty();
  }

  @Test
  void nobody_fetches_what_nobody_waits_for_or_fits_nowhere_or_may_never_start() {
    scenario.given(node("n1", 500));
    ContainerRequested tooLarge = requested(scenario.when(run("large", 1000)));
    ContainerRequested stopped = requested(scenario.when(run("stopped", 0)));
    scenario.given(StopRequested.newBuilder().setContainerId(id("stopped")).build());
    ContainerRequested recalled = requested(scenario.when(run("recalled", 0)));
    ImageArriving unknown = arriving(recalled).toBuilder().setRequestId("unknown").build();

    assertThat(scenario.when(arriving(tooLarge))).isEmpty();
    assertThat(scenario.when(arriving(stopped))).isEmpty();
    assertThat(scenario.when(unknown)).isEmpty();
    scenario.given(ImageRecalled.newBuilder().setDigest(DIGEST).addDigests(DIGEST).build());
    assertThat(scenario.when(arriving(recalled))).isEmpty();
  }

  @Test
  void a_pull_that_fails_after_all_fails_the_container_as_ever() {
    scenario.given(node("n1", 4000));
    ContainerRequested requested = requested(scenario.when(run("c1", 1000)));
    scenario.given(arriving(requested));

    List<Message> decided =
        scenario.when(
            ImagePullFailed.newBuilder()
                .setRequestId(requested.getImageRequestId())
                .setFailure(PullFailure.PULL_FAILURE_UNREACHABLE)
                .setMessage("away")
                .build());

    assertThat(only(ContainerFailed.class, decided).getFirst().getReason()).isEqualTo("away");
  }

  private static ContainerRequested requested(List<Message> decided) {
    return only(ContainerRequested.class, decided).getFirst();
  }

  private static String id(String name) {
    return name + "-id";
  }

  private static RunRequested run(String name, int cpuMillis) {
    return RunRequested.newBuilder()
        .setContainerId(id(name))
        .setName(name)
        .setNamespace("default")
        .setSpec(
            ContainerSpec.newBuilder().setResources(Resources.newBuilder().setCpuMillis(cpuMillis)))
        .build();
  }

  private static NodeRegistered node(String id, int cpuMillis) {
    return NodeRegistered.newBuilder()
        .setNodeId(id)
        .setCapacity(
            Resources.newBuilder().setCpuMillis(cpuMillis).setMemoryBytes(1L << 33).setPids(1000))
        .build();
  }

  private static ImageArriving arriving(ContainerRequested requested) {
    return ImageArriving.newBuilder()
        .setRequestId(requested.getImageRequestId())
        .setReference("docker.io/library/web:1")
        .setDigest(DIGEST)
        .setRepository("mirror/web")
        .build();
  }

  private static ImagePulled pulled(ContainerRequested requested) {
    return ImagePulled.newBuilder()
        .setRequestId(requested.getImageRequestId())
        .setReference("docker.io/library/web:1")
        .setDigest(DIGEST)
        .setRepository("mirror/web")
        .build();
  }
}
