package dev.waybill.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.fleet.ContainerView.Status;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ImageUseTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @Test
  void an_image_that_nothing_runs_from_may_go() {
    assertThat(ImageUse.of(withImage("web:1"), "web:1")).isEmpty();
  }

  @Test
  void what_runs_holds_its_image() {
    Fleet fleet = withImage("web:1").with(container("a", "web:1", Status.RUNNING));

    assertThat(ImageUse.of(fleet, "web:1")).containsExactly("container a");
  }

  @Test
  void what_waits_for_an_image_holds_its_name() {
    Fleet fleet =
        withImage("web:1").with(container("a", "docker.io/library/web:1", Status.WAITING));

    assertThat(ImageUse.of(fleet, "web:1")).containsExactly("container a");
  }

  @Test
  void what_ended_holds_nothing() {
    Fleet fleet = withImage("web:1").with(container("a", "web:1", Status.EXITED));

    assertThat(ImageUse.of(fleet, "web:1")).isEmpty();
  }

  @Test
  void a_name_may_go_while_another_one_keeps_the_digest_that_runs() {
    Fleet fleet =
        with(withImage("web:1"), "web:stable").with(container("a", "web:1", Status.RUNNING));

    assertThat(ImageUse.of(fleet, "web:stable")).isEmpty();
    assertThat(ImageUse.of(fleet, "web:1")).containsExactly("container a");
  }

  @Test
  void a_workload_with_replicas_holds_its_image_between_containers() {
    Fleet fleet = withImage("web:1").with(workload("shop", "web:1", 2));

    assertThat(ImageUse.of(fleet, "web:1")).containsExactly("workload shop");
    assertThat(ImageUse.of(fleet.with(workload("shop", "web:1", 0)), "web:1")).isEmpty();
  }

  private static Fleet withImage(String reference) {
    return with(Fleet.EMPTY, reference);
  }

  private static Fleet with(Fleet fleet, String reference) {
    String name = ImageView.listedAs(reference);
    return fleet.withImages(
        fleet.images().plus(name, new ImageView(name, DIGEST, 1, 1, Instant.EPOCH)));
  }

  private static ContainerView container(String name, String image, Status status) {
    var request =
        ContainerRequested.newBuilder()
            .setContainerId(name)
            .setName(name)
            .setSpec(ContainerSpec.newBuilder().setImage(image))
            .build();
    return new ContainerView(
        request,
        "user/test",
        "",
        status,
        "",
        "node",
        status == Status.WAITING ? "" : DIGEST,
        "",
        ContainerView.Run.NONE,
        Instant.EPOCH);
  }

  private static WorkloadView workload(String name, String image, int replicas) {
    var applied =
        WorkloadApplied.newBuilder()
            .setName(name)
            .setNamespace("default")
            .setSpec(ContainerSpec.newBuilder().setImage(image))
            .build();
    return new WorkloadView(applied, replicas, 0, false, "user/test", Instant.EPOCH);
  }
}
