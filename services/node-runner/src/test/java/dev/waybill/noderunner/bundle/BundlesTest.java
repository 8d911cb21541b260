package dev.waybill.noderunner.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.Resources;
import dev.waybill.contracts.spec.RestartCondition;
import dev.waybill.contracts.spec.RestartPolicy;
import dev.waybill.noderunner.graph.Root;
import dev.waybill.oci.image.ContainerConfig;
import dev.waybill.oci.runtime.Spec;
import dev.waybill.oci.runtime.SpecCodec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BundlesTest {
  private static final String ID = "0123456789abcdef".repeat(2);
  private static final ContainerConfig IMAGE =
      ContainerConfig.EMPTY
          .withEntrypoint(List.of("/server"))
          .withCmd(List.of("--port", "80"))
          .withEnv(List.of("MODE=image", "EXTRA=1"));

  @Test
  void the_image_s_entrypoint_stays_where_only_the_command_is_given() throws Exception {
    assertThat(arguments(ContainerSpec.newBuilder().addCommand("--help")))
        .containsExactly("/server", "--help");
    assertThat(arguments(ContainerSpec.newBuilder())).containsExactly("/server", "--port", "80");
  }

  @Test
  void a_given_entrypoint_drops_the_image_s_command_too() throws Exception {
    assertThat(arguments(ContainerSpec.newBuilder().addEntrypoint("/sh"))).containsExactly("/sh");
  }

  @Test
  void without_any_command_there_is_no_container() {
    assertThatThrownBy(
            () -> Bundles.compose(inputs(ContainerSpec.newBuilder(), ContainerConfig.EMPTY, "")))
        .isInstanceOf(BundleException.class)
        .hasMessageContaining("no command");
  }

  @Test
  void the_user_s_environment_wins_over_the_image_s() throws Exception {
    List<String> env =
        Bundles.compose(inputs(ContainerSpec.newBuilder().putEnv("MODE", "mine"), IMAGE, ""))
            .process()
            .env();

    assertThat(env).contains("MODE=mine", "EXTRA=1", "HOSTNAME=0123456789ab");
    assertThat(env).doesNotContain("MODE=image");
  }

  @Test
  void users_are_found_by_name_in_the_image_with_their_groups_and_home() throws Exception {
    Spec spec =
        Bundles.compose(
            inputs(
                ContainerSpec.newBuilder().setUser("app"),
                IMAGE,
                "root:x:0:0::/root:/bin/sh\napp:x:100:101::/srv:/bin/sh\n"));

    assertThat(spec.process().user().uid()).isEqualTo(100);
    assertThat(spec.process().user().gid()).isEqualTo(101);
    assertThat(spec.process().user().additionalGids()).containsExactly(7L);
    assertThat(spec.process().env()).contains("HOME=/srv");
    assertThat(spec.process().capabilities().effective()).isEmpty();
  }

  @Test
  void an_unknown_user_is_named() {
    assertThatThrownBy(
            () -> Bundles.compose(inputs(ContainerSpec.newBuilder().setUser("who"), IMAGE, "")))
        .hasMessageContaining("'who'");
  }

  @Test
  void limits_become_cgroup_values() throws Exception {
    var limits = Resources.newBuilder().setCpuMillis(250).setMemoryBytes(1 << 26).setPids(9);
    Spec spec = Bundles.compose(inputs(ContainerSpec.newBuilder().setResources(limits), IMAGE, ""));

    assertThat(spec.linux().resources().cpu().quota()).isEqualTo(25_000);
    assertThat(spec.linux().resources().cpu().period()).isEqualTo(100_000);
    assertThat(spec.linux().resources().memory().limit()).isEqualTo(1 << 26);
    assertThat(spec.linux().resources().pids().limit()).isEqualTo(9);
    assertThat(spec.linux().cgroupsPath()).isEqualTo("/parent/" + ID);
  }

  @Test
  void capabilities_are_dropped_before_others_are_added() throws Exception {
    Spec spec =
        Bundles.compose(
            inputs(ContainerSpec.newBuilder().addCapDrop("ALL").addCapAdd("net_admin"), IMAGE, ""));

    assertThat(spec.process().capabilities().bounding()).containsExactly("CAP_NET_ADMIN");
  }

  @Test
  void equal_inputs_are_equal_bytes_and_are_read_back_as_they_were() throws Exception {
    Spec spec =
        Bundles.compose(
            inputs(ContainerSpec.newBuilder().putEnv("B", "2").putEnv("A", "1"), IMAGE, ""));

    assertThat(SpecCodec.write(spec))
        .isEqualTo(
            SpecCodec.write(
                Bundles.compose(
                    inputs(
                        ContainerSpec.newBuilder().putEnv("A", "1").putEnv("B", "2"), IMAGE, ""))));
    assertThat(SpecCodec.readSpec(SpecCodec.write(spec))).isEqualTo(spec);
  }

  private static boolean isVolatile(ContainerSpec.Builder spec, String workload)
      throws BundleException {
    BundleInputs in = inputs(spec, IMAGE, "");
    RunAssigned run = in.run().toBuilder().setWorkload(workload).build();
    return Bundles.compose(
            new BundleInputs(
                run,
                in.image(),
                in.root(),
                in.passwd(),
                in.group(),
                in.network(),
                in.files(),
                in.mounts(),
                in.cgroupParent()))
        .annotation("dev.waybill.rootfs.volatile")
        .equals("true");
  }

  private static ContainerSpec.Builder restarted(RestartCondition condition) {
    return ContainerSpec.newBuilder()
        .setEphemeral(true)
        .setRestart(RestartPolicy.newBuilder().setCondition(condition));
  }

  @Test
  void what_is_removed_at_its_end_and_never_started_again_is_not_made_durable() throws Exception {
    assertThat(isVolatile(ContainerSpec.newBuilder(), "")).isFalse();
    assertThat(isVolatile(ContainerSpec.newBuilder().setAutoRemove(true), "")).isTrue();
    assertThat(isVolatile(ContainerSpec.newBuilder().setEphemeral(true), "")).isTrue();
    assertThat(isVolatile(ContainerSpec.newBuilder().setEphemeral(true), "web")).isFalse();
    assertThat(isVolatile(restarted(RestartCondition.RESTART_CONDITION_NEVER), "web")).isTrue();
    assertThat(isVolatile(restarted(RestartCondition.RESTART_CONDITION_ALWAYS), "")).isFalse();
    assertThat(isVolatile(restarted(RestartCondition.RESTART_CONDITION_ON_FAILURE), "")).isFalse();
  }

  private static List<String> arguments(ContainerSpec.Builder spec) throws BundleException {
    return Bundles.compose(inputs(spec, IMAGE, "")).process().args();
  }

  private static BundleInputs inputs(
      ContainerSpec.Builder spec, ContainerConfig image, String passwd) {
    Path at = Path.of("/store");
    return new BundleInputs(
        RunAssigned.newBuilder().setContainerId(ID).setName("c").setSpec(spec).build(),
        image,
        new Root.Overlay(
            List.of(at.resolve("l1")),
            at.resolve("upper"),
            at.resolve("work"),
            at.resolve("rootfs")),
        passwd,
        "staff:x:7:app,other\n",
        new BundleInputs.Network.Joined("/run/netns/c"),
        List.of(),
        List.of(),
        "/parent");
  }
}
