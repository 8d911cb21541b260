package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.contracts.runner.v1.CreateRequest;
import dev.waybill.contracts.runner.v1.KillRequest;
import dev.waybill.contracts.runner.v1.ListRequest;
import dev.waybill.contracts.runner.v1.RunRequest;
import dev.waybill.contracts.runner.v1.RunResponse;
import dev.waybill.contracts.runner.v1.RunnerGrpc;
import dev.waybill.contracts.runner.v1.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Run: a container's whole life in one call. */
class RunTest {
  private static RunnerFixture runner;

  @BeforeAll
  static void start() throws IOException {
    runner = new RunnerFixture();
  }

  @AfterAll
  static void stop() throws IOException {
    runner.close();
  }

  private static RunRequest request(String id, TestBundle bundle) throws IOException {
    return RunRequest.newBuilder()
        .setContainer(
            CreateRequest.newBuilder()
                .setId(id)
                .setBundle(bundle.write())
                .setLogPath(runner.log(id).toString()))
        .build();
  }

  private static void assertNothingIsLeft(String id) throws IOException {
    assertThat(runner.api().list(ListRequest.getDefaultInstance()).getContainersList()).isEmpty();
    assertThat(runner.dir().resolve("r").resolve(id)).doesNotExist();
    try (var hierarchies = Files.newDirectoryStream(Path.of("/sys/fs/cgroup"))) {
      hierarchies.forEach(h -> assertThat(h.resolve("waybill").resolve(id)).doesNotExist());
    }
  }

  @Test
  void a_program_runs_to_its_end_and_its_container_is_gone_with_the_answer() throws IOException {
    RunResponse ran = runner.api().run(request("whole", runner.bundle("whole").guest("both")));

    assertThat(ran.getCreated().getStarted()).isTrue();
    assertThat(ran.getCreated().getPid()).isPositive();
    assertThat(ran.getExit().getExited()).isTrue();
    assertThat(ran.getExit().getExitCode()).isEqualTo(5);
    assertThat(ran.getExit().getStartedAtNs()).isBetween(1L, ran.getExit().getExitedAtNs());
    assertThat(runner.logLines("whole")).hasSize(2);
    assertNothingIsLeft("whole");
  }

  @Test
  void a_program_that_cannot_be_executed_is_the_calls_failure_and_leaves_nothing()
      throws IOException {
    RunRequest request = request("nothing", runner.bundle("nothing").args("nosuch"));

    assertThatThrownBy(() -> runner.api().run(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getTrailers().get(Answer.EXIT_CODE)).isEqualTo("127"));
    assertNothingIsLeft("nothing");
  }

  @Test
  void it_can_be_killed_meanwhile_as_any_other() throws Exception {
    Future<RunResponse> running =
        RunnerGrpc.newFutureStub(runner.channel())
            .run(request("long", runner.bundle("long").guest("sleep", "60")));
    while (runner.api().list(ListRequest.getDefaultInstance()).getContainersList().stream()
        .noneMatch(c -> c.getStatus() == Status.STATUS_RUNNING)) {
      Thread.onSpinWait();
    }

    runner.api().kill(KillRequest.newBuilder().setId("long").setSignal(9).build());

    assertThat(running.get().getExit().getSignal()).isEqualTo(9);
    assertNothingIsLeft("long");
  }
}
