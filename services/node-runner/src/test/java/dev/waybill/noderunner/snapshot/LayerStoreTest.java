package dev.waybill.noderunner.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.graph.GraphDrivers;
import dev.waybill.noderunner.graph.Root;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerStoreTest {
  private static final Digest A = Digest.of(new byte[] {1});
  private static final Digest B = Digest.of(new byte[] {2});

  @TempDir Path data;

  @Test
  void a_layer_is_there_once_it_is_committed() throws IOException {
    LayerStore store = LayerStore.open(data);
    try (LayerDraft draft = store.prepare()) {
      Files.writeString(draft.directory().resolve("file"), "x");
      assertThat(store.has(A)).isFalse();
      draft.commit(A);
    }

    assertThat(store.all()).containsExactly(A);
    assertThat(store.lowerDirectories(List.of(A)).getFirst().resolve("file")).hasContent("x");
    assertNothingTemporary();
  }

  @Test
  void a_layer_that_is_not_committed_is_removed() throws IOException {
    LayerStore store = LayerStore.open(data);
    try (LayerDraft draft = store.prepare()) {
      Files.createDirectories(draft.directory().resolve("deep/deeper"));
    }

    assertThat(store.all()).isEmpty();
    assertNothingTemporary();
  }

  @Test
  void a_layer_that_two_unpack_at_once_is_kept_once() throws IOException {
    LayerStore store = LayerStore.open(data);
    try (LayerDraft first = store.prepare();
        LayerDraft second = store.prepare()) {
      Files.writeString(first.directory().resolve("file"), "first");
      Files.writeString(second.directory().resolve("file"), "second");
      first.commit(A);
      second.commit(A);
    }

    assertThat(store.lowerDirectories(List.of(A)).getFirst().resolve("file")).hasContent("first");
    assertNothingTemporary();
  }

  @Test
  void what_a_dead_process_left_half_unpacked_is_removed_at_start() throws IOException {
    LayerDraft abandoned = LayerStore.open(data).prepare();
    Files.writeString(abandoned.directory().resolve("file"), "x");

    LayerStore.open(data);

    assertNothingTemporary();
  }

  @Test
  void the_lower_directories_come_top_first_and_none_twice() throws IOException {
    LayerStore store = LayerStore.open(data);
    commit(store, A);
    commit(store, B);

    assertThat(store.lowerDirectories(List.of(A, B, A)))
        .extracting(path -> path.toRealPath().getFileName().toString())
        .containsExactly(A.hex(), B.hex());
    assertThat(store.lowerDirectories(List.of()))
        .hasSize(1)
        .first()
        .satisfies(empty -> assertThat(empty).isEmptyDirectory());
  }

  @Test
  void layers_whose_digests_begin_alike_get_longer_names() throws IOException {
    LayerStore store = LayerStore.open(data);
    Digest one = new Digest("sha256", "a".repeat(63) + "1");
    Digest two = new Digest("sha256", "a".repeat(63) + "2");
    commit(store, one);
    commit(store, two);

    List<Path> lower = store.lowerDirectories(List.of(one, two));

    assertThat(lower).doesNotHaveDuplicates();
    assertThat(store.lowerDirectories(List.of(one, two))).isEqualTo(lower);
    assertThat(lower.getLast().toRealPath()).endsWithRaw(Path.of(one.hex()));
  }

  @Test
  void a_layer_that_is_missing_is_named() throws IOException {
    LayerStore store = LayerStore.open(data);

    assertThatThrownBy(() -> store.lowerDirectories(List.of(A)))
        .hasMessageContaining("layer " + A + " is not on this host");
  }

  @Test
  void a_removed_layer_leaves_nothing() throws IOException {
    LayerStore store = LayerStore.open(data);
    commit(store, A);
    store.lowerDirectories(List.of(A));

    store.remove(A);
    store.remove(A);

    assertThat(store.all()).isEmpty();
    assertThat(data.resolve("l")).isEmptyDirectory();
    assertNothingTemporary();
  }

  @Test
  void a_container_keeps_its_snapshot_over_a_restart() throws IOException {
    LayerStore store = LayerStore.open(data);
    commit(store, A);
    SnapshotId id = new SnapshotId("web-1");
    Snapshot made =
        ContainerSnapshots.open(data, store, GraphDrivers.usual()).prepare(id, List.of(A));
    Files.writeString(upper(made).resolve("written"), "x");

    ContainerSnapshots reopened =
        ContainerSnapshots.open(data, LayerStore.open(data), GraphDrivers.usual());

    assertThat(reopened.prepare(id, List.of(A))).isEqualTo(made);
    assertThat(upper(made).resolve("written")).exists();
    assertThat(reopened.layersInUse()).containsExactly(A);
    reopened.remove(id);
    assertThat(reopened.all()).isEmpty();
    assertNothingTemporary();
  }

  @Test
  void the_snapshot_can_be_mounted_and_written_to() throws Exception {
    LayerStore store = LayerStore.open(data);
    try (LayerDraft draft = store.prepare()) {
      Files.writeString(draft.directory().resolve("below"), "1");
      draft.commit(A);
    }
    Snapshot snapshot =
        ContainerSnapshots.open(data, store, GraphDrivers.usual())
            .prepare(new SnapshotId("c"), List.of(A));

    Process mounted =
        new ProcessBuilder(
                "unshare",
                "-m",
                "sh",
                "-c",
                "mount -t overlay overlay -o "
                    + ((Root.Overlay) snapshot.root()).mountOptions()
                    + " "
                    + snapshot.root().rootfs()
                    + " && cat "
                    + snapshot.root().rootfs()
                    + "/below && echo 2 > "
                    + snapshot.root().rootfs()
                    + "/above")
            .redirectErrorStream(true)
            .start();
    String said = new String(mounted.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assumeTrue(mounted.waitFor() == 0, "this host mounts no overlayfs for us: " + said);

    assertThat(said).isEqualTo("1");
    assertThat(upper(snapshot).resolve("above")).hasContent("2\n");
  }

  private static Path upper(Snapshot snapshot) {
    return ((Root.Overlay) snapshot.root()).upper();
  }

  private static void commit(LayerStore store, Digest diffId) throws IOException {
    try (LayerDraft draft = store.prepare()) {
      draft.commit(diffId);
    }
  }

  private void assertNothingTemporary() throws IOException {
    try (Stream<Path> left = Files.list(data.resolve("tmp"))) {
      assertThat(left).isEmpty();
    }
  }
}
