package dev.waybill.noderunner.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.snapshot.SnapshotId;
import dev.waybill.oci.layer.LayerEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process behind each root that fuse-overlayfs serves. */
class FuseOverlayDriverTest {
  @TempDir Path data;

  @BeforeEach
  void mountsNeedRoot() {
    assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "needs root");
  }

  @Test
  void the_death_of_the_process_is_told_and_the_next_start_mounts_again() throws Exception {
    try (GraphHost host = new GraphHost(data, GraphKind.FUSE_OVERLAYFS)) {
      Digest layer = host.layer(LayerEntry.file("file", "x"));
      Path root = host.start("one", layer);
      Files.writeString(root.resolve("more"), "written");

      server().destroyForcibly();

      assertThat(host.trouble.poll(20, TimeUnit.SECONDS))
          .contains("fuse-overlayfs of container one ended by itself");
      assertThat(host.start("one", layer).resolve("more")).hasContent("written");
    }
  }

  @Test
  void a_new_process_of_the_node_finds_what_the_one_before_had_mounted() throws Exception {
    try (GraphHost host = new GraphHost(data, GraphKind.FUSE_OVERLAYFS)) {
      Digest layer = host.layer(LayerEntry.file("file", "x"));
      Path root = host.start("one", layer);
      ProcessHandle server = server();

      host.open(GraphKind.FUSE_OVERLAYFS);
      host.snapshots.prepare(new SnapshotId("one"), List.of(layer));

      assertThat(server()).isEqualTo(server);
      assertThat(root.resolve("file")).hasContent("x");
      host.end("one");
      assertThat(server.isAlive()).isFalse();
      assertThat(root).isEmptyDirectory();
      assertThat(host.trouble).isEmpty();
    }
  }

  @Test
  void a_process_that_cannot_mount_is_quoted_and_leaves_nothing() throws Exception {
    try (GraphHost host = new GraphHost(data, GraphKind.FUSE_OVERLAYFS)) {
      Digest layer = host.layer(LayerEntry.file("file", "x"));
      host.start("one", layer);
      host.end("one");
      GraphHost.shell("rm -r " + data + "/containers/one/work");

      assertThatThrownBy(() -> host.start("one", layer))
          .hasMessageMatching("fuse-overlayfs for container one ended with code 1: .+");

      assertThat(data.resolve("containers/one/server")).doesNotExist();
    }
  }

  private ProcessHandle server() throws Exception {
    String noted = Files.readString(data.resolve("containers/one/server"));
    return ProcessHandle.of(Long.parseLong(noted.split(" ")[0])).orElseThrow();
  }
}
