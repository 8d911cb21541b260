package dev.waybill.noderunner.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.layer.LayerUnpacker;
import dev.waybill.noderunner.layer.UnpackLimits;
import dev.waybill.noderunner.layer.UnpackOutcome;
import dev.waybill.noderunner.layer.UpperTree;
import dev.waybill.noderunner.snapshot.ContainerSnapshots;
import dev.waybill.noderunner.snapshot.LayerDraft;
import dev.waybill.noderunner.snapshot.LayerStore;
import dev.waybill.noderunner.snapshot.Snapshot;
import dev.waybill.noderunner.snapshot.SnapshotId;
import dev.waybill.oci.layer.LayerArchive;
import dev.waybill.oci.layer.LayerEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

/** A host's data directory with one graph driver, real layers and real mounts; needs root. */
final class GraphHost implements AutoCloseable {
  private final Path data;
  private final List<SnapshotId> made = new ArrayList<>();
  private final List<Path> mounted = new ArrayList<>();
  LinkedBlockingQueue<String> trouble = new LinkedBlockingQueue<>();
  LayerStore layers;
  ContainerSnapshots snapshots;

  GraphHost(Path data, GraphKind kind) throws IOException {
    assumeTrue(
        kind != GraphKind.FUSE_OVERLAYFS || FuseOverlayProgram.find().isPresent(),
        "fuse-overlayfs is not installed");
    this.data = data;
    open(kind);
  }

  /** As a new process would, after a kill of the one before. */
  void open(GraphKind kind) throws IOException {
    trouble = new LinkedBlockingQueue<>();
    layers = LayerStore.open(data);
    snapshots = ContainerSnapshots.open(data, layers, new GraphDrivers(kind, trouble::add));
  }

  Digest layer(LayerEntry... entries) throws IOException {
    byte[] archive = archive(List.of(entries));
    try (LayerDraft draft = layers.prepare()) {
      UnpackOutcome outcome =
          new LayerUnpacker(UnpackLimits.DEFAULT)
              .unpack(new ByteArrayInputStream(archive), draft.directory());
      assertThat(outcome).isInstanceOf(UnpackOutcome.Unpacked.class);
      draft.commit(Digest.of(archive));
    }
    return Digest.of(archive);
  }

  /** Makes a container; gives its root as the container would see it. */
  Path start(String name, Digest... diffIds) throws Exception {
    SnapshotId id = new SnapshotId(name);
    made.add(id);
    Snapshot snapshot = snapshots.prepare(id, List.of(diffIds));
    Path rootfs = snapshot.root().rootfs();
    if (snapshot.root() instanceof Root.Overlay overlay) {
      // Native-runner mounts it in the container; for the eyes of a test it is on the host.
      shell("mount -t overlay overlay -o " + overlay.mountOptions() + " " + rootfs);
      mounted.add(rootfs);
    }
    return rootfs;
  }

  /** What a container's end leaves. */
  void end(String name) throws Exception {
    Path rootfs = data.resolve("containers").resolve(name).resolve("rootfs");
    if (mounted.remove(rootfs)) {
      shell("umount " + rootfs);
    }
    snapshots.release(new SnapshotId(name));
  }

  /** What the container wrote, times of changes left out. */
  List<LayerEntry> changes(String name, String... mountPoints) throws IOException {
    return snapshots.changes(new SnapshotId(name), Set.of(mountPoints), Instant.EPOCH);
  }

  /** All that is in a root. */
  static List<LayerEntry> seen(Path root) throws IOException {
    return UpperTree.read(root, List.of(), Set.of(), Instant.MAX);
  }

  static byte[] archive(List<LayerEntry> entries) throws IOException {
    var out = new ByteArrayOutputStream();
    LayerArchive.write(entries, out);
    return out.toByteArray();
  }

  static String shell(String script) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sh", "-ec", script).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  void assertNothingIsLeft() throws IOException {
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(data.toString());
    for (String directory : List.of("containers", "tmp")) {
      try (Stream<Path> left = Files.list(data.resolve(directory))) {
        assertThat(left).isEmpty();
      }
    }
  }

  @Override
  public void close() throws Exception {
    for (SnapshotId id : made) {
      end(id.value());
      snapshots.remove(id);
    }
  }
}
