package dev.waybill.noderunner.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.noderunner.graph.OverlayProbe.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphChoiceTest {
  private static final Outcome REFUSED = new Outcome.Refused("mount overlay '/x': EINVAL");

  @TempDir Path directory;

  @Test
  void overlayfs_is_taken_where_it_works_and_where_this_process_may_not_try() {
    assertThat(GraphChoice.decide(new Outcome.Works(), true))
        .isEqualTo(new GraphChoice(GraphKind.OVERLAY, ""));
    assertThat(GraphChoice.decide(new Outcome.Untried(), true))
        .isEqualTo(new GraphChoice(GraphKind.OVERLAY, ""));
  }

  @Test
  void without_overlayfs_the_program_is_taken_and_without_it_copies_and_both_say_why() {
    GraphChoice program = GraphChoice.decide(REFUSED, true);
    GraphChoice copies = GraphChoice.decide(REFUSED, false);

    assertThat(program.kind()).isEqualTo(GraphKind.FUSE_OVERLAYFS);
    assertThat(program.reason()).contains("EINVAL");
    assertThat(copies.kind()).isEqualTo(GraphKind.COPY);
    assertThat(copies.reason()).contains("EINVAL", "fuse-overlayfs is not installed");
  }

  @Test
  void a_word_that_is_no_driver_is_refused_with_those_that_are() {
    assertThat(GraphKind.of("fuse-overlayfs")).isEqualTo(GraphKind.FUSE_OVERLAYFS);
    assertThatThrownBy(() -> GraphKind.of("btrfs"))
        .hasMessage("no graph driver 'btrfs', use overlay, copy, fuse-overlayfs");
  }

  @Test
  void a_directory_that_is_an_overlay_itself_can_hold_none() throws Exception {
    assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "needs root");
    Path plain = Files.createDirectory(directory.resolve("plain"));
    Path lower = Files.createDirectory(directory.resolve("lower"));
    OverlayDirectories.make(directory);
    var overlay = OverlayDirectories.of(directory, List.of(lower));
    GraphHost.shell(
        "mount -t overlay overlay -o " + overlay.mountOptions() + " " + overlay.rootfs());
    try {
      assertThat(OverlayProbe.at(plain)).isEqualTo(new Outcome.Works());
      assertThat(OverlayProbe.at(overlay.rootfs())).isInstanceOf(Outcome.Refused.class);
      assertThat(plain).isEmptyDirectory();
      assertThat(overlay.rootfs()).isEmptyDirectory();
    } finally {
      GraphHost.shell("umount " + overlay.rootfs());
    }
  }
}
