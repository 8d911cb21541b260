package dev.waybill.oci.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.kernel.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerArchiveTest {
  @Test
  void the_same_entries_in_another_order_give_the_same_bytes() throws IOException {
    List<LayerEntry> entries = new ArrayList<>(sample());
    byte[] first = archive(entries);
    Collections.reverse(entries);

    assertThat(archive(entries)).isEqualTo(first);
  }

  @Test
  void the_digest_of_a_layer_is_the_same_on_every_machine() throws IOException {
    assertThat(Digest.of(archive(sample())).abbreviated()).isEqualTo("0feedea662cc");
  }

  @Test
  void the_machines_own_tar_reads_it(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("layer.tar");
    Files.write(file, archive(sample()));

    Process tar =
        new ProcessBuilder("tar", "--numeric-owner", "-tvf", file.toString())
            .redirectErrorStream(true)
            .start();
    String listing = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(tar.waitFor()).as(listing).isZero();
    assertThat(listing)
        .contains("drwxr-xr-x 0/0")
        .contains("bin/app")
        .contains("bin/alias link to bin/app")
        .contains("bin/short -> app")
        .contains("3000000/4000000")
        .contains("x".repeat(120))
        .contains("crw-rw-rw- 0/0")
        .contains("1,3");
  }

  @Test
  void two_entries_for_one_path_are_refused() {
    assertThatThrownBy(() -> archive(List.of(LayerEntry.file("a", ""), LayerEntry.file("a", "b"))))
        .hasMessageContaining("two entries for the path 'a'");
  }

  private static List<LayerEntry> sample() {
    return List.of(
        LayerEntry.program("bin/app", new byte[600]),
        LayerEntry.hardLink("bin/alias", "bin/app"),
        LayerEntry.symbolicLink("bin/short", "app"),
        new LayerEntry.RegularFile(
            "etc/" + "x".repeat(120),
            FileAttributes.ofMode(0640)
                .ownedBy(3_000_000, 4_000_000)
                .modifiedAt(Instant.parse("2026-01-01T00:00:00.5Z"))
                .with("user.note", new byte[] {0, 1, (byte) 0xff}),
            FileContent.of("text")),
        new LayerEntry.Device(
            "dev/null", FileAttributes.ofMode(0666), LayerEntry.Device.Kind.CHARACTER, 1, 3));
  }

  private static byte[] archive(List<LayerEntry> entries) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LayerArchive.write(entries, out);
    return out.toByteArray();
  }
}
