package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.StaticProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole platform on the graph drivers that aren't the usual one; needs root. */
class GraphDriverIT {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"copy", "fuse-overlayfs"})
  void a_container_runs_keeps_its_writes_over_a_kill_and_leaves_nothing(String driver)
      throws Exception {
    assumeTrue(
        !driver.equals("fuse-overlayfs") || Files.exists(Path.of("/usr/bin/fuse-overlayfs")),
        "fuse-overlayfs is not installed");
    Path data = directory.resolve("data");
    String committed;
    try (var platform =
        new RunningPlatform(data, Map.of("waybill.node-runner.graph-driver", driver))) {
      var image =
          ImageMaker.image()
              .layer(LayerCompression.GZIP, List.of(LayerEntry.file("etc/old", "old")))
              .program("bin/sh", StaticProgram.compile(BuildIT.PROGRAM));
      ImagePush.to(platform.address(), "admin", platform.token()).push(image.make(), "base", "1");

      CommandOutcome shown = waybill("run", "--rm", "base:1", "show", "/etc/old");
      assertThat(shown.out()).as(shown.err()).isEqualTo("old");

      CommandOutcome started =
          waybill("run", "-d", "--name", "held", "base:1", "hold", "/etc/new", "new");
      assertThat(started.code()).as(started.err()).isZero();
      platform.get("/v1/containers/held/wait?until=running&timeoutMs=30000");
      if (driver.equals("fuse-overlayfs")) { // It alone has a process that must outlive the node's.
        platform.kill();
        platform.start();
      }
      CommandOutcome read = waybill("exec", "held", "/bin/sh", "show", "/etc/new");
      assertThat(read.out()).as(read.err()).isEqualTo("new");

      CommandOutcome commit = waybill("commit", "held", "made:1");
      assertThat(commit.code()).as(commit.err()).isZero();
      committed = waybill("run", "--rm", "made:1", "show", "/etc/new").out();
      assertThat(platform.text("/v1/events?type=NodeRegistered"))
          .contains("\"dev.waybill.graph-driver\":\"" + driver + "\"");
    }
    assertThat(committed).isEqualTo("new");
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(data.toString());
  }

  private CommandOutcome waybill(String... arguments) {
    return CommandOutcome.of(directory, directory.resolve("data"), arguments);
  }
}
