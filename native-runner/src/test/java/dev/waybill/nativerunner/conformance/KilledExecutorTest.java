package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.nativerunner.cli.CompilerSocket;
import dev.waybill.nativerunner.cli.PlanDesk;
import dev.waybill.nativerunner.sys.HostFactsReader;
import dev.waybill.nativerunner.sys.ReadyNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever carries a plan out may end at any operation: what a delete then leaves is nothing. A
 * program that was built for this test ends itself there.
 */
class KilledExecutorTest {
  private static Path dir;
  private static Path program;
  private static CompilerSocket compiler;

  @BeforeAll
  static void start() throws IOException {
    Assumptions.assumeTrue(Busybox.isInstalled(), "skipped: busybox-static is not installed");
    dir = Files.createTempDirectory("wbk");
    program = dir.resolve("waybill-runner");
    assertThat(Shell.run("sh ../bin/compile-c src/main/c " + program + " -DDIE_AT")).isEmpty();
    compiler =
        CompilerSocket.open(
            dir.resolve("c.sock"), new PlanDesk(HostFactsReader.read()), ReadyNetworks.keep(2));
  }

  @AfterAll
  static void stop() throws IOException {
    if (compiler != null) {
      compiler.close();
      Shell.run("rm -rf " + dir);
    }
  }

  private static Peer dyingAt(int index) {
    Map<String, String> environment = new HashMap<>();
    environment.put("WAYBILL_RUNNER_COMPILER", dir.resolve("c.sock").toString());
    if (index >= 0) {
      environment.put("DIE_AT", Integer.toString(index));
    }
    return new Peer("dying", List.of(program.toString()), environment, program.toString());
  }

  private static Trial trial(int index, String id) throws IOException {
    Trial trial = new Trial(dyingAt(index), Files.createDirectory(dir.resolve(id)), id);
    trial.config().add("linux.namespaces", "{\"type\":\"cgroup\"}");
    trial.config().hook("createRuntime", "true").hook("createContainer", "true");
    trial.config().args("sleep", "1000");
    return trial;
  }

  private static int operations() throws Exception {
    try (Trial trial = trial(-1, "plan")) {
      trial.config().write(trial.dir());
      String plan = trial.command("plan", "--bundle", trial.dir().toString()).text();
      return (int) plan.lines().filter(line -> line.matches(" +\\d+  .*")).count();
    }
  }

  @Test
  @Timeout(300)
  void nothing_is_left_wherever_the_executor_ends() throws Exception {
    int operations = operations();
    assertThat(operations).isGreaterThan(50);
    for (int index = 0; index <= operations + 2; index++) {
      String id = "killed-" + index;
      try (Trial trial = trial(index, id)) {
        assertThat(trial.run().code()).as("ended at operation %d", index).isNotZero();
        trial.command("delete", "--force", id).succeeded();
        assertThat(trial.dir().resolve("state").resolve(id)).as("state of " + id).doesNotExist();
        assertThat(Shell.run("find /sys/fs/cgroup -maxdepth 4 -name " + id)).isEmpty();
        awaitNoProcess(id);
      }
    }
    assertThat(Shell.run("grep -c " + dir + " /proc/mounts")).isEqualTo("0");
  }

  /** What was about to become the container has the command line of what made it. */
  private static void awaitNoProcess(String id) throws Exception {
    String found = "";
    for (int i = 0; i < 200; i++) {
      found = Shell.run("pgrep -f -- '--bundle .*/" + id + " " + id + "$' | grep -v '^'$$'$'");
      if (found.isEmpty()) {
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("processes of " + id + " are left: " + found);
  }

  @Test
  void a_swapped_directory_does_not_lead_a_mount_out() throws Exception {
    Path outside = Files.createDirectories(dir.resolve("outside"));
    try (Trial trial = trial(-1, "race")) {
      Path place = Files.createDirectories(trial.rootfs().resolve("place"));
      Process swapper =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  "cd %s; ln -s %s link; while :; do mv place real; mv link place; mv place link; mv real place; done"
                      .formatted(trial.rootfs(), outside))
              .start();
      try {
        trial.config().mount("/place/deep/in", "tmpfs", "tmpfs").args("true");
        for (int i = 0; i < 40; i++) {
          trial.run(); // it may fail, but not lead out
          trial.command("delete", "--force", "race");
          assertThat(outside).isEmptyDirectory();
        }
      } finally {
        swapper.descendants().forEach(ProcessHandle::destroyForcibly);
        swapper.destroyForcibly().waitFor();
      }
      assertThat(place.getParent()).exists();
    }
  }
}
