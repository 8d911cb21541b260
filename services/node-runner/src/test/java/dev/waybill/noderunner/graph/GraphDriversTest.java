package dev.waybill.noderunner.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.snapshot.SnapshotId;
import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each graph driver must do, with real layers and mounts. */
class GraphDriversTest {
  private static final Instant WHEN = Instant.ofEpochSecond(1_700_000_000, 5);
  private static final byte[] CAPABILITY = {
    1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  };
  private static final FileAttributes PROGRAM =
      FileAttributes.ofMode(04755)
          .ownedBy(4_000_000, 12)
          .modifiedAt(WHEN)
          .with("security.capability", CAPABILITY)
          .with("user.note", "x".getBytes(StandardCharsets.US_ASCII));

  @TempDir Path data;

  @BeforeEach
  void mountsNeedRoot() {
    assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "needs root");
  }

  @ParameterizedTest
  @EnumSource
  void layers_show_through_one_another_with_all_that_files_have(GraphKind kind) throws Exception {
    var tool = new LayerEntry.RegularFile("bin/tool", PROGRAM, FileContent.of("content"));
    var toolToo = new LayerEntry.HardLink("bin/tool2", PROGRAM, "bin/tool");
    var link = LayerEntry.symbolicLink("bin/link", "../bin//tool/");
    var sticky = new LayerEntry.Directory("tmp", FileAttributes.ofMode(01777).modifiedAt(WHEN));
    var pipe = new LayerEntry.Fifo("tmp/pipe", FileAttributes.ofMode(0600));
    var disk =
        new LayerEntry.Device(
            "tmp/disk", FileAttributes.ofMode(0660), LayerEntry.Device.Kind.BLOCK, 259, 70_000);
    LayerEntry[] below = {
      LayerEntry.directory("bin"),
      tool,
      toolToo,
      link,
      sticky,
      pipe,
      disk,
      LayerEntry.directory("closed"),
      LayerEntry.file("closed/old", "old"),
      LayerEntry.directory("open"),
      LayerEntry.file("open/kept", "kept"),
      LayerEntry.file("open/gone", "gone"),
      LayerEntry.file("was-file", "file"),
      LayerEntry.directory("was-directory"),
      LayerEntry.file("was-directory/in", "in"),
    };
    var opened = new LayerEntry.Directory("open", FileAttributes.ofMode(0700).modifiedAt(WHEN));
    LayerEntry[] above = {
      LayerEntry.directory("closed"),
      LayerEntry.opaque("closed"),
      LayerEntry.file("closed/new", "new"),
      opened,
      LayerEntry.whiteout("open/gone"),
      LayerEntry.directory("was-file"),
      LayerEntry.file("was-file/in", "in"),
      LayerEntry.file("was-directory", "file"),
    };
    try (GraphHost host = new GraphHost(data, kind)) {
      Path root = host.start("one", host.layer(below), host.layer(above));

      assertThat(GraphHost.archive(GraphHost.seen(root)))
          .isEqualTo(
              GraphHost.archive(
                  List.of(
                      LayerEntry.directory("bin"),
                      tool,
                      toolToo,
                      link,
                      sticky,
                      pipe,
                      disk,
                      LayerEntry.directory("closed"),
                      LayerEntry.file("closed/new", "new"),
                      opened,
                      LayerEntry.file("open/kept", "kept"),
                      LayerEntry.directory("was-file"),
                      LayerEntry.file("was-file/in", "in"),
                      LayerEntry.file("was-directory", "file"))));
      assertThat(GraphHost.shell("stat -c %h " + root + "/bin/tool").strip()).isEqualTo("2");
      assertThat(GraphHost.shell("readlink " + root + "/bin/link").strip())
          .isEqualTo("../bin//tool/");
      assertThat(host.changes("one")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_one_container_writes_is_seen_by_no_other_and_not_by_the_layer(GraphKind kind)
      throws Exception {
    try (GraphHost host = new GraphHost(data, kind)) {
      Digest layer = host.layer(LayerEntry.file("file", "as it was"));
      Path one = host.start("one", layer);
      Path two = host.start("two", layer);

      Files.writeString(one.resolve("file"), "written");
      Files.writeString(one.resolve("more"), "written");

      assertThat(one.resolve("file")).hasContent("written");
      assertThat(two.resolve("file")).hasContent("as it was");
      assertThat(two.resolve("more")).doesNotExist();
      assertThat(host.layers.lowerDirectories(List.of(layer)).getFirst().resolve("file"))
          .hasContent("as it was");
    }
  }

  @ParameterizedTest
  @EnumSource
  void holes_in_files_stay_holes_and_read_as_zeros(GraphKind kind) throws Exception {
    try (GraphHost host = new GraphHost(data, kind)) {
      Digest layer = host.layer(LayerEntry.file("other", ""));
      GraphHost.shell(
          "cd %s && truncate -s 64M hole && printf end >> hole && truncate -s 65M hole"
              .formatted(host.layers.lowerDirectories(List.of(layer)).getFirst()));

      Path root = host.start("one", layer);

      assertThat(GraphHost.shell("cd %s && stat -c %%s hole".formatted(root)).strip())
          .isEqualTo(Integer.toString(65 << 20));
      assertThat(GraphHost.shell("tail -c +67108865 %s/hole | head -c 3".formatted(root)))
          .isEqualTo("end");
      assertThat(Long.parseLong(GraphHost.shell("stat -c %%b %s/hole".formatted(root)).strip()))
          .isLessThan(1000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_removed_container_leaves_nothing(GraphKind kind) throws Exception {
    try (GraphHost host = new GraphHost(data, kind)) {
      Path root = host.start("one", host.layer(LayerEntry.file("file", "x")));
      Files.writeString(root.resolve("more"), "x");
      host.end("one");

      host.snapshots.remove(new SnapshotId("one"));
      host.snapshots.remove(new SnapshotId("one"));

      host.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_container_that_is_prepared_again_has_what_it_wrote(GraphKind kind) throws Exception {
    try (GraphHost host = new GraphHost(data, kind)) {
      Digest layer = host.layer(LayerEntry.file("file", "x"));
      Path root = host.start("one", layer);
      Files.writeString(root.resolve("more"), "written");
      long mounts = mounts(root);
      host.snapshots.prepare(new SnapshotId("one"), List.of(layer));
      assertThat(mounts(root)).isEqualTo(mounts);

      host.end("one");

      assertThat(host.start("one", layer).resolve("more")).hasContent("written");
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_container_that_a_kill_left_half_made_is_made_anew(GraphKind kind) throws Exception {
    try (GraphHost host = new GraphHost(data, kind)) {
      Digest layer = host.layer(LayerEntry.file("file", "x"));
      SnapshotId id = new SnapshotId("one");
      host.start("one", layer);
      host.end("one");
      // Everything but the last step, which gives it its name.
      Files.move(
          data.resolve("containers/one"),
          data.resolve("tmp/container1"),
          StandardCopyOption.ATOMIC_MOVE);

      host.open(kind);

      assertThat(host.snapshots.find(id)).isEmpty();
      host.assertNothingIsLeft();
      assertThat(host.start("one", layer).resolve("file")).hasContent("x");
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_container_is_found_and_removed_when_another_driver_is_chosen(GraphKind kind)
      throws Exception {
    for (GraphKind other : GraphKind.values()) {
      try (GraphHost host = new GraphHost(data, kind)) {
        Digest layer = host.layer(LayerEntry.file("file", "x"));
        Path root = host.start("one", layer);
        Files.writeString(root.resolve("more"), "written");

        host.open(other);

        assertThat(host.changes("one")).extracting(LayerEntry::path).containsExactly("more");
        assertThat(host.snapshots.layersInUse()).containsExactly(layer);
        host.end("one");
        assertThat(host.start("one", layer).resolve("more")).hasContent("written");
        host.end("one");
        host.snapshots.remove(new SnapshotId("one"));
        host.assertNothingIsLeft();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_same_changes_are_the_same_layer(GraphKind kind) throws Exception {
    try (GraphHost host = new GraphHost(data, kind)) {
      Digest layer =
          host.layer(
              LayerEntry.directory("etc"),
              LayerEntry.file("etc/changed", "before"),
              LayerEntry.file("etc/disguised", "before"),
              LayerEntry.file("etc/mode", "mode"),
              LayerEntry.file("etc/removed", "x"),
              LayerEntry.file("etc/kept", "x"),
              LayerEntry.directory("gone"),
              LayerEntry.file("gone/file", "x"),
              LayerEntry.directory("mounts"),
              LayerEntry.file("turned", "x"),
              LayerEntry.file("named", "x"));
      Path root = host.start("one", layer);

      GraphHost.shell(
          """
          cd %s
          echo after > etc/changed
          touch -r etc/disguised /dev/shm/waybill-time-$$
          printf change > etc/disguised
          touch -r /dev/shm/waybill-time-$$ etc/disguised
          rm /dev/shm/waybill-time-$$
          chmod 600 etc/mode
          rm etc/removed
          rm -r gone
          mkdir etc/fresh && echo in > etc/fresh/in
          rm turned && mkdir turned && echo in > turned/in
          mkdir -p new/deep && echo a > new/deep/a && ln new/deep/a new/b
          ln named new/named
          ln -s ../etc/kept new/link
          mkfifo -m 600 new/pipe
          mknod -m 660 new/node b 7 3
          touch mounts/hosts
          mkdir volume
          """
              .formatted(root));

      List<LayerEntry> changes = host.changes("one", "/mounts/hosts", "/volume");
      assertThat(GraphHost.archive(changes))
          .as(changes.toString())
          .isEqualTo(
              GraphHost.archive(
                  List.of(
                      LayerEntry.directory("etc"),
                      LayerEntry.file("etc/changed", "after\n"),
                      LayerEntry.file("etc/disguised", "change"),
                      new LayerEntry.RegularFile(
                          "etc/mode", FileAttributes.ofMode(0600), FileContent.of("mode")),
                      LayerEntry.whiteout("etc/removed"),
                      LayerEntry.directory("etc/fresh"),
                      LayerEntry.file("etc/fresh/in", "in\n"),
                      LayerEntry.whiteout("gone"),
                      LayerEntry.directory("turned"),
                      LayerEntry.opaque("turned"),
                      LayerEntry.file("turned/in", "in\n"),
                      LayerEntry.file("named", "x"),
                      LayerEntry.directory("new"),
                      LayerEntry.file("new/b", "a\n"),
                      LayerEntry.directory("new/deep"),
                      LayerEntry.hardLink("new/deep/a", "new/b"),
                      LayerEntry.hardLink("new/named", "named"),
                      LayerEntry.symbolicLink("new/link", "../etc/kept"),
                      new LayerEntry.Fifo("new/pipe", FileAttributes.ofMode(0600)),
                      new LayerEntry.Device(
                          "new/node",
                          FileAttributes.ofMode(0660),
                          LayerEntry.Device.Kind.BLOCK,
                          7,
                          3))));
    }
  }

  private static long mounts(Path place) throws Exception {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(" " + place + " "))
        .count();
  }
}
