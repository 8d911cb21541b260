package dev.waybill.noderunner.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.noderunner.layer.UnpackOutcome.Unpacked;
import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerArchive;
import dev.waybill.oci.layer.LayerEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An unpacked layer is an overlay's upper directory; so reading it must give the layer again. */
class UpperTreeTest {
  private static final Instant WHEN = Instant.ofEpochSecond(1_700_000_000, 5);
  private static final byte[] CAPABILITY = {
    1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  @TempDir Path directory;
  @TempDir Path below;

  @Test
  void a_layer_that_was_unpacked_is_read_as_the_same_bytes() throws Exception {
    FileAttributes program =
        FileAttributes.ofMode(04755)
            .ownedBy(4_000_000_000L, 12)
            .modifiedAt(WHEN)
            .with("security.capability", CAPABILITY)
            .with("user.note", "x".getBytes(StandardCharsets.US_ASCII));
    byte[] layer =
        archive(
            LayerEntry.directory("bin"),
            new LayerEntry.RegularFile("bin/tool", program, FileContent.of("content")),
            new LayerEntry.HardLink("bin/tool2", program, "bin/tool"),
            LayerEntry.symbolicLink("bin/link", "../bin/tool"),
            new LayerEntry.Directory("tmp", FileAttributes.ofMode(01777).modifiedAt(WHEN)),
            new LayerEntry.Fifo("tmp/pipe", FileAttributes.ofMode(0600)),
            new LayerEntry.Device(
                "tmp/disk", FileAttributes.ofMode(0660), LayerEntry.Device.Kind.BLOCK, 259, 70_000),
            LayerEntry.file("tmp/\u00fcml\u00e4ut \u65e5", "text"),
            LayerEntry.directory("opaque"),
            LayerEntry.opaque("opaque"),
            LayerEntry.whiteout("opaque.not"),
            LayerEntry.whiteout("bin/gone"));
    unpack(layer);

    Files.createDirectory(below.resolve("opaque"));
    assertThat(archive(UpperTree.read(directory, List.of(below), Set.of(), Instant.MAX)))
        .isEqualTo(layer);
  }

  @Test
  void later_times_are_set_back_and_earlier_ones_kept() throws Exception {
    unpack(
        archive(
            new LayerEntry.RegularFile(
                "new", FileAttributes.ofMode(0644).modifiedAt(WHEN), FileContent.of("")),
            LayerEntry.file("old", "")));

    List<LayerEntry> read =
        UpperTree.read(directory, List.of(), Set.of(), Instant.ofEpochSecond(99));

    assertThat(read)
        .extracting(entry -> entry.attributes().modified())
        .containsExactly(Instant.ofEpochSecond(99), Instant.EPOCH);
  }

  @Test
  void what_stands_empty_under_a_mount_is_no_change() throws Exception {
    unpack(
        archive(
            LayerEntry.directory("etc"),
            LayerEntry.file("etc/hosts", ""),
            LayerEntry.directory("proc"),
            LayerEntry.directory("srv"),
            LayerEntry.directory("srv/volume"),
            LayerEntry.file("srv/own", "text"),
            LayerEntry.directory("kept")));

    List<LayerEntry> read =
        UpperTree.read(
            directory, List.of(), Set.of("/etc/hosts", "/proc", "/srv/volume"), Instant.MAX);

    assertThat(read).extracting(LayerEntry::path).containsExactly("kept", "srv", "srv/own");
  }

  @Test
  void a_directory_hides_nothing_where_nothing_is_below_it() throws Exception {
    unpack(archive(LayerEntry.directory("new"), LayerEntry.opaque("new")));

    List<LayerEntry> read = UpperTree.read(directory, List.of(below), Set.of(), Instant.MAX);

    assertThat(read).extracting(LayerEntry::path).containsExactly("new");
  }

  @Test
  void a_name_that_is_no_text_is_refused_by_its_name() throws Exception {
    try (LinuxFiles files = new LinuxFiles();
        OpenDirectories directories = OpenDirectories.below(files, directory)) {
      files.close(files.createFile(directories.root(), "latin-\u00e4", 0644));
    }

    assertThatThrownBy(() -> UpperTree.read(directory, List.of(), Set.of(), Instant.MAX))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("latin-")
        .hasMessageContaining("is not UTF-8");
  }

  private void unpack(byte[] layer) throws IOException {
    UnpackOutcome outcome =
        new LayerUnpacker(UnpackLimits.DEFAULT).unpack(new ByteArrayInputStream(layer), directory);
    assertThat(outcome).isInstanceOf(Unpacked.class);
    assertThat(Files.isDirectory(directory)).isTrue();
  }

  private static byte[] archive(LayerEntry... entries) throws IOException {
    return archive(List.of(entries));
  }

  private static byte[] archive(List<LayerEntry> entries) throws IOException {
    var out = new ByteArrayOutputStream();
    LayerArchive.write(entries, out);
    return out.toByteArray();
  }
}
