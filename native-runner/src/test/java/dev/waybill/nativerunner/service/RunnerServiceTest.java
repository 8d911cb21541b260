package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.waybill.contracts.runner.v1.CreateResponse;
import dev.waybill.contracts.runner.v1.KillRequest;
import dev.waybill.contracts.runner.v1.PauseRequest;
import dev.waybill.contracts.runner.v1.ResumeRequest;
import dev.waybill.contracts.runner.v1.StartRequest;
import dev.waybill.contracts.runner.v1.StateRequest;
import dev.waybill.contracts.runner.v1.StatsRequest;
import dev.waybill.contracts.runner.v1.StatsResponse;
import dev.waybill.contracts.runner.v1.Status;
import dev.waybill.contracts.runner.v1.UpdateRequest;
import dev.waybill.contracts.runner.v1.WaitExitResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The life of real containers through the API. */
class RunnerServiceTest {
  private static RunnerFixture runner;

  @BeforeAll
  static void start() throws IOException {
    runner = new RunnerFixture();
  }

  @AfterAll
  static void stop() throws IOException {
    runner.close();
  }

  @Test
  void a_container_is_created_started_and_waited_for() throws IOException {
    CreateResponse created = runner.create("life", runner.bundle("life").guest("both"));

    assertThat(created.getPid()).isPositive();
    assertThat(created.getPlanDigest()).startsWith("sha256:");
    assertThat(created.getTimes().getHostNs()).isPositive();
    assertThat(state("life")).isEqualTo(Status.STATUS_CREATED);
    runner.api().start(StartRequest.newBuilder().setId("life").build());
    WaitExitResponse exit = runner.await("life");

    assertThat(exit.getExited()).isTrue();
    assertThat(exit.getExitCode()).isEqualTo(5);
    assertThat(exit.getStartedAtNs()).isLessThanOrEqualTo(exit.getExitedAtNs());
    assertThat(state("life")).isEqualTo(Status.STATUS_STOPPED);
    assertThat(runner.logLines("life"))
        .hasSize(2)
        .anySatisfy(
            line ->
                assertThat(line).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{9}Z stdout F out"))
        .anySatisfy(line -> assertThat(line).endsWith("Z stderr F err"));
    runner.delete("life");
    assertThatThrownBy(() -> state("life")).isInstanceOf(StatusRuntimeException.class);
  }

  private static Status state(String id) {
    return runner.api().state(StateRequest.newBuilder().setId(id).build()).getStatus();
  }

  @Test
  void the_signal_that_ended_a_container_is_told() throws IOException {
    runner.create("signal", runner.bundle("signal").guest("sleep", "60"));
    runner.api().start(StartRequest.newBuilder().setId("signal").build());

    runner.api().kill(KillRequest.newBuilder().setId("signal").setSignal(9).build());
    WaitExitResponse exit = runner.await("signal");

    assertThat(exit.getSignal()).isEqualTo(9);
    assertThat(exit.getExitCode()).isEqualTo(137);
    assertThat(exit.getOomKilled()).isFalse();
  }

  @Test
  void a_program_that_is_not_in_the_image_ends_with_127() throws IOException {
    TestBundle bundle = runner.bundle("missing").args("nosuch");
    runner.create("missing", bundle);

    assertThatThrownBy(() -> runner.api().start(StartRequest.newBuilder().setId("missing").build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getDescription())
                  .contains("\"nosuch\": executable file not found in $PATH")
                  .contains("process.args");
              assertThat(e.getTrailers().get(Answer.EXIT_CODE)).isEqualTo("127");
            });
    assertThat(runner.await("missing").getExitCode()).isEqualTo(127);
    assertThat(runner.await("missing").getReason()).contains("nosuch");
  }

  @Test
  void a_file_that_cannot_be_executed_ends_with_126() throws IOException {
    runner.create("plain", runner.bundle("plain").args("/etc/plain"));

    assertThatThrownBy(() -> runner.api().start(StartRequest.newBuilder().setId("plain").build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getTrailers().get(Answer.EXIT_CODE)).isEqualTo("126"));
    assertThat(runner.await("plain").getExitCode()).isEqualTo(126);
  }

  @Test
  void running_out_of_memory_is_told_with_numbers() throws IOException {
    RunnerFixture.Ran ran =
        runner.run(
            "oom",
            runner.bundle("oom").guest("hog", "64").resources("\"memory\":{\"limit\":16777216}"));

    assertThat(ran.exit().getOomKilled()).isTrue();
    assertThat(ran.exit().getSignal()).isEqualTo(9);
    assertThat(ran.exit().getMemoryLimitBytes()).isEqualTo(16777216);
    assertThat(ran.exit().getMemoryPeakBytes()).isBetween(8_000_000L, 16_777_216L);
  }

  @Test
  void what_a_container_uses_is_measured() throws IOException {
    runner.create(
        "stats", runner.bundle("stats").guest("sleep", "60").resources("\"pids\":{\"limit\":7}"));
    runner.api().start(StartRequest.newBuilder().setId("stats").build());

    StatsResponse stats = runner.api().stats(StatsRequest.newBuilder().setId("stats").build());

    assertThat(stats.getCpuUsageNs()).isPositive();
    assertThat(stats.getMemoryUsageBytes()).isPositive();
    assertThat(stats.getPidsCurrent()).isEqualTo(1);
    assertThat(stats.getPidsLimit()).isEqualTo(7);
    assertThat(stats.getHostCpuNs()).isPositive();
  }

  @Test
  void deleting_leaves_no_directory_and_no_cgroup() throws IOException {
    runner.create("gone", runner.bundle("gone").guest("sleep", "60"));
    String cgroups = Files.readString(runner.dir().resolve("r/gone/container.json"));
    assertThat(cgroups).contains("/waybill/gone");

    runner.delete("gone");
    runner.delete("gone");

    assertThat(runner.dir().resolve("r/gone")).doesNotExist();
    try (var dirs = Files.newDirectoryStream(java.nio.file.Path.of("/sys/fs/cgroup"))) {
      dirs.forEach(d -> assertThat(d.resolve("waybill/gone")).doesNotExist());
    }
  }

  @Test
  void what_came_before_an_attach_is_in_the_log_and_what_comes_after_in_both() throws IOException {
    CreateResponse created = runner.create("attach", runner.bundle("attach").guest("both"));
    try (AttachClient client = new AttachClient(created.getAttachSocket())) {
      runner.api().start(StartRequest.newBuilder().setId("attach").build());
      client.readToEnd();

      assertThat(client.stdout()).isEqualTo("out\n");
      assertThat(client.stderr()).isEqualTo("err\n");
      assertThat(client.exit()).isEqualTo(5);
    }
    assertThat(runner.logLines("attach")).hasSize(2);
  }

  @Test
  void a_paused_container_stands_still_and_can_be_deleted() throws IOException {
    runner.create("frozen", runner.bundle("frozen").guest("sleep", "60"));
    assertThatThrownBy(() -> runner.api().pause(PauseRequest.newBuilder().setId("frozen").build()))
        .hasMessageContaining("is created, not running");
    runner.api().start(StartRequest.newBuilder().setId("frozen").build());

    runner.api().pause(PauseRequest.newBuilder().setId("frozen").build());
    assertThat(state("frozen")).isEqualTo(Status.STATUS_PAUSED);
    runner.api().resume(ResumeRequest.newBuilder().setId("frozen").build());
    assertThat(state("frozen")).isEqualTo(Status.STATUS_RUNNING);
    runner.api().pause(PauseRequest.newBuilder().setId("frozen").build());
    runner.delete("frozen");
  }

  @Test
  void limits_of_a_live_container_are_changed() throws IOException {
    runner.create("changed", runner.bundle("changed").guest("sleep", "60"));

    runner
        .api()
        .update(
            UpdateRequest.newBuilder()
                .setId("changed")
                .setResourcesJson(
                    ByteString.copyFromUtf8(
                        "{\"pids\":{\"limit\":9},\"memory\":{\"limit\":33554432}}"))
                .build());

    StatsResponse stats = runner.api().stats(StatsRequest.newBuilder().setId("changed").build());
    assertThat(stats.getPidsLimit()).isEqualTo(9);
    assertThat(stats.getMemoryLimitBytes()).isEqualTo(33554432);
  }

  @Test
  void only_root_and_the_configured_user_may_speak() {
    assertThat(new PeerCheck(1000).allows(0)).isTrue();
    assertThat(new PeerCheck(1000).allows(1000)).isTrue();
    assertThat(new PeerCheck(1000).allows(1001)).isFalse();
    assertThat(new PeerCheck(-1).allows(1000)).isFalse();
  }

  @Test
  void a_second_container_of_the_same_id_is_refused() throws IOException {
    runner.create("twin", runner.bundle("twin"));

    assertThatThrownBy(() -> runner.create("twin", runner.bundle("twin")))
        .hasMessageContaining("ALREADY_EXISTS");
  }

  @Test
  void a_bad_configuration_is_refused_with_its_path() throws IOException {
    TestBundle bundle = runner.bundle("bad").process("\"oomScoreAdj\":\"high\"");

    assertThatThrownBy(() -> runner.create("bad", bundle))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("process.oomScoreAdj: expected an integer");
  }

  @Test
  void a_failed_operation_says_call_errno_and_config_path() throws IOException {
    TestBundle bundle =
        runner
            .bundle("fails")
            .mount(
                "{\"destination\":\"/x\",\"type\":\"bind\",\"source\":\"/nosuch\",\"options\":[\"bind\"]}");

    assertThatThrownBy(() -> runner.create("fails", bundle))
        .hasMessageContaining("bind source=/nosuch")
        .hasMessageContaining("ENOENT")
        .hasMessageContaining("mounts[6]");
    assertThat(runner.dir().resolve("r/fails")).doesNotExist();
  }
}
