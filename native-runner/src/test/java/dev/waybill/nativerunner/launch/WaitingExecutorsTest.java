package dev.waybill.nativerunner.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.nativerunner.cgroup.ContainerCgroup;
import dev.waybill.nativerunner.launch.WaitingExecutors.Waiting;
import dev.waybill.nativerunner.plan.Compiler;
import dev.waybill.nativerunner.plan.Launch;
import dev.waybill.nativerunner.plan.LaunchPlan;
import dev.waybill.nativerunner.service.TestImages;
import dev.waybill.nativerunner.sys.Fd;
import dev.waybill.nativerunner.sys.HostFactsReader;
import dev.waybill.nativerunner.sys.Kernel;
import dev.waybill.nativerunner.sys.LinuxKernel;
import dev.waybill.nativerunner.sys.ReadyNetworks;
import dev.waybill.oci.runtime.Spec;
import dev.waybill.oci.runtime.SpecCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaitingExecutorsTest {
  private static final Path PROGRAM = Path.of("bin/waybill-runner");
  private static final int SIGKILL = 9;

  @TempDir Path dir;

  private final Kernel kernel = new LinuxKernel();

  private static List<ProcessHandle> executors() {
    return ProcessHandle.current()
        .children()
        .filter(p -> p.info().arguments().map(a -> List.of(a).contains(":execute")).orElse(false))
        .toList();
  }

  @Test
  void one_that_gets_no_plan_ends_when_nobody_can_give_it_one_any_more() throws Exception {
    try (Fd program = kernel.sealedMemory("waybill-runner", Files.readAllBytes(PROGRAM))) {
      Waiting unused;
      try (WaitingExecutors waiting = new WaitingExecutors(kernel, program)) {
        unused = waiting.take();
        assertThat(ProcessHandle.of(unused.pid())).isPresent();
      }
      unused.close();
      kernel.awaitExit(unused.pid());
      assertThat(ProcessHandle.of(unused.pid())).isEmpty();
    }
    assertThat(executors()).isEmpty();
  }

  @Test
  void a_launch_does_without_those_that_were_killed_while_they_waited() throws Exception {
    Path bundle = TestImages.bundle(dir.resolve("b"), "echo", "here");
    Path state = Files.createDirectories(dir.resolve("state"));
    Spec spec = SpecCodec.readSpec(Files.readAllBytes(bundle.resolve("config.json")));
    var stdio =
        new Launch.Stdio.Monitored(dir.resolve("log").toString(), 1 << 20, 1, false, false, true);
    String id = "waiting-" + ProcessHandle.current().pid();
    LaunchPlan plan =
        Compiler.compile(
            new Launch(id, bundle.toString(), state.toString(), stdio, spec),
            HostFactsReader.read());
    try (Executor executor = Executor.load(kernel, PROGRAM, ReadyNetworks.none())) {
      while (executors().size() < 2) {
        Thread.onSpinWait();
      }
      for (ProcessHandle waits : executors()) {
        assertThat(kernel.signal((int) waits.pid(), SIGKILL)).isTrue();
        kernel.awaitExit((int) waits.pid());
      }
      Executor.Launched launched = executor.launch(plan);
      StartSocket.start(state, plan);
      kernel.read(launched.alive(), 1); // ends with the monitor's record of the exit
      launched.alive().close();
      kernel.awaitExit(launched.monitorPid());
    } finally {
      new ContainerCgroup(Compiler.cgroups(spec, id, HostFactsReader.read()).paths()).remove();
    }
    assertThat(ExitRecord.read(state)).map(ExitRecord::code).contains(0);
  }
}
