package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.runner.v1.ContainerState;
import dev.waybill.contracts.runner.v1.ExecRequest;
import dev.waybill.contracts.runner.v1.ExecResponse;
import dev.waybill.contracts.runner.v1.KillRequest;
import dev.waybill.contracts.runner.v1.ListRequest;
import dev.waybill.contracts.runner.v1.StartRequest;
import dev.waybill.contracts.runner.v1.StateRequest;
import dev.waybill.contracts.runner.v1.Status;
import dev.waybill.contracts.runner.v1.WaitExitRequest;
import dev.waybill.nativerunner.launch.Pids;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers outlive the service, and their ends are not lost. */
class RecoveryTest {
  private RunnerFixture runner;

  @BeforeEach
  void start() throws IOException {
    runner = new RunnerFixture();
  }

  @AfterEach
  void stop() throws IOException {
    runner.close();
  }

  private void startContainer(String id, String... words) throws IOException {
    runner.create(id, runner.bundle(id).guest(words));
    runner.api().start(StartRequest.newBuilder().setId(id).build());
  }

  private ContainerState state(String id) {
    return runner.api().state(StateRequest.newBuilder().setId(id).build());
  }

  @Test
  void a_running_container_is_found_again_and_its_end_is_told() throws IOException {
    startContainer("long", "sleep", "600");
    ContainerState before = state("long");

    runner.restart();

    ContainerState after = state("long");
    assertThat(after.getStatus()).isEqualTo(Status.STATUS_RUNNING);
    assertThat(after.getPid()).isEqualTo(before.getPid());
    assertThat(after.getStartedAtNs()).isEqualTo(before.getStartedAtNs());
    assertThat(after.getPlanDigest()).isEqualTo(before.getPlanDigest());
    runner.api().kill(KillRequest.newBuilder().setId("long").setSignal(15).build());
    runner.api().kill(KillRequest.newBuilder().setId("long").setSignal(9).build());
    assertThat(runner.await("long").getSignal()).isEqualTo(9);
  }

  @Test
  void a_created_container_can_still_be_started() throws IOException {
    runner.create("later", runner.bundle("later").guest("exit", "7"));

    runner.restart();
    assertThat(state("later").getStatus()).isEqualTo(Status.STATUS_CREATED);
    runner.api().start(StartRequest.newBuilder().setId("later").build());

    assertThat(runner.await("later").getExitCode()).isEqualTo(7);
  }

  @Test
  void an_exit_that_nobody_saw_is_known_afterwards() throws IOException {
    startContainer("unseen", "sleep", "600");
    ContainerState state = state("unseen");

    runner.stopService();
    ProcessHandle monitor = ProcessHandle.of(state.getMonitorPid()).orElseThrow();
    ProcessHandle.of(state.getPid()).orElseThrow().destroy();
    ProcessHandle.of(state.getPid()).orElseThrow().destroyForcibly();
    monitor.onExit().join();
    runner.startService();

    assertThat(runner.await("unseen").getSignal()).isEqualTo(9);
    assertThat(state("unseen").getStatus()).isEqualTo(Status.STATUS_STOPPED);
  }

  @Test
  void the_death_of_a_monitor_ends_the_container_as_killed() throws IOException {
    startContainer("orphan", "sleep", "600");
    ContainerState state = state("orphan");

    ProcessHandle.of(state.getMonitorPid()).orElseThrow().destroyForcibly();

    assertThat(runner.await("orphan").getSignal()).isEqualTo(9);
    runner.delete("orphan");
    // Whoever adopted it has it as a zombie at most.
    assertThat(Pids.isAlive(state.getPid(), startTime(state.getPid()))).isFalse();
  }

  private static long startTime(int pid) throws IOException {
    Path stat = Path.of("/proc/" + pid + "/stat");
    return Files.exists(stat) ? Long.parseLong(Files.readString(stat).split(" ")[21]) : 0;
  }

  @Test
  void a_half_made_container_is_removed() throws IOException {
    runner.create("half", runner.bundle("half").guest("true"));
    ContainerState state = state("half");
    // As if the executor had been killed before it wrote down its processes.
    ProcessHandle monitor = ProcessHandle.of(state.getMonitorPid()).orElseThrow();
    monitor.destroyForcibly();
    monitor.onExit().join();
    runner.await("half");
    Files.delete(runner.dir().resolve("r/half/pids"));
    Files.deleteIfExists(runner.dir().resolve("r/half/exit"));

    runner.restart();

    assertThat(runner.api().list(ListRequest.getDefaultInstance()).getContainersList()).isEmpty();
    assertThat(runner.dir().resolve("r/half")).doesNotExist();
  }

  @Test
  void an_exec_is_found_again() throws IOException {
    startContainer("execs", "sleep", "600");
    ExecResponse exec =
        runner
            .api()
            .exec(
                ExecRequest.newBuilder()
                    .setId("execs")
                    .addArgs("/bin/guest")
                    .addArgs("sleep")
                    .addArgs("600")
                    .setExecId("deep")
                    .setDetach(true)
                    .build());

    runner.restart();
    runner
        .api()
        .kill(KillRequest.newBuilder().setId("execs").setExecId("deep").setSignal(9).build());

    assertThat(exec.getExecId()).isEqualTo("deep");
    assertThat(
            runner
                .api()
                .waitExit(
                    WaitExitRequest.newBuilder()
                        .setId("execs")
                        .setExecId("deep")
                        .setTimeoutMs(20_000)
                        .build())
                .getSignal())
        .isEqualTo(9);
  }
}
