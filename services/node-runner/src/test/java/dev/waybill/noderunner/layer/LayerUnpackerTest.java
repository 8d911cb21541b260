package dev.waybill.noderunner.layer;

import static dev.waybill.oci.layer.LayerEntry.directory;
import static dev.waybill.oci.layer.LayerEntry.file;
import static dev.waybill.oci.layer.LayerEntry.hardLink;
import static dev.waybill.oci.layer.LayerEntry.opaque;
import static dev.waybill.oci.layer.LayerEntry.symbolicLink;
import static dev.waybill.oci.layer.LayerEntry.whiteout;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.Zstd;
import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.layer.UnpackOutcome.Reason;
import dev.waybill.noderunner.layer.UnpackOutcome.Refused;
import dev.waybill.noderunner.layer.UnpackOutcome.Unpacked;
import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerUnpackerTest {
  private static final Instant TIME = Instant.parse("2020-02-03T04:05:06.123456789Z");
  private static final byte[] CAPABILITY = {
    1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  @TempDir Path dir;
  private Path root;

  @BeforeEach
  void needsRoot() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root to make devices");
    root = Files.createDirectory(dir.resolve("layer"));
  }

  @Test
  void every_kind_of_file_arrives_with_its_attributes() throws Exception {
    FileAttributes odd = FileAttributes.ofMode(04751).ownedBy(1000, 3_000_000).modifiedAt(TIME);
    UnpackOutcome outcome =
        unpack(
            Archives.of(
                new LayerEntry.Directory("d", FileAttributes.ofMode(01777).modifiedAt(TIME)),
                new LayerEntry.RegularFile(
                    "d/f",
                    odd.with("security.capability", CAPABILITY).with("user.note", new byte[] {0}),
                    FileContent.of("text")),
                new LayerEntry.SymbolicLink("d/s", odd, "/etc/passwd"),
                hardLink("d/h", "d/f"),
                new LayerEntry.Fifo("d/p", FileAttributes.ofMode(0622)),
                new LayerEntry.Device(
                    "d/b", FileAttributes.ofMode(0660), LayerEntry.Device.Kind.BLOCK, 259, 70000),
                new LayerEntry.Device(
                    "d/c", FileAttributes.ofMode(0666), LayerEntry.Device.Kind.CHARACTER, 1, 3)));

    assertThat(outcome).isInstanceOf(Unpacked.class);
    assertThat(stat("d")).isEqualTo("directory 1777 0:0 0,0 " + TIME);
    assertThat(stat("d/f")).isEqualTo("regular file 4751 1000:3000000 0,0 " + TIME);
    assertThat(stat("d/s")).startsWith("symbolic link").endsWith("1000:3000000 0,0 " + TIME);
    assertThat(stat("d/p")).startsWith("fifo 622");
    assertThat(stat("d/b")).startsWith("block special file 660 0:0 103,11170");
    assertThat(stat("d/c")).startsWith("character special file 666 0:0 1,3");
    assertThat(Files.getAttribute(root.resolve("d/h"), "unix:ino"))
        .isEqualTo(Files.getAttribute(root.resolve("d/f"), "unix:ino"));
    assertThat(ExtendedAttributes.get(root.resolve("d/f"), "security.capability"))
        .get()
        .satisfies(value -> assertThat(value).isEqualTo(CAPABILITY));
    assertThat(ExtendedAttributes.get(root.resolve("d/f"), "user.note")).isPresent();
    assertThat(Files.readString(root.resolve("d/f"))).isEqualTo("text");
  }

  @Test
  void a_layer_packed_in_any_way_has_the_same_diff_id() throws Exception {
    byte[] tar = Archives.of(file("a", "x".repeat(100_000)), directory("b"));
    for (byte[] packed : new byte[][] {tar, gzip(tar), Zstd.compress(tar)}) {
      Path target = Files.createTempDirectory(dir, "p");
      assertThat(unpack(new ByteArrayInputStream(packed), target))
          .isEqualTo(new Unpacked(Digest.of(tar), 2, tar.length));
      assertThat(target.resolve("a")).hasSize(100_000);
    }
  }

  @Test
  void a_gzip_stream_of_several_members_is_read_to_its_end() throws Exception {
    byte[] tar = Archives.of(file("a", "x".repeat(100_000)));
    byte[] first = gzip(Arrays.copyOf(tar, 70_000));
    byte[] second = gzip(Arrays.copyOfRange(tar, 70_000, tar.length));
    InputStream slow =
        new SequenceInputStream(new ByteArrayInputStream(first), new ByteArrayInputStream(second));

    assertThat(unpack(slow, root)).isEqualTo(new Unpacked(Digest.of(tar), 1, tar.length));
  }

  @Test
  void whiteouts_become_what_overlayfs_understands() throws Exception {
    unpack(
        Archives.of(
            whiteout("a/gone"),
            file("o/new", "x"),
            opaque("o"),
            whiteout("swapped"),
            directory("swapped"),
            file("swapped/x", "x"),
            file("late", "mine"),
            whiteout("late")));

    assertThat(stat("a/gone")).startsWith("character special file").contains(" 0,0 ");
    assertThat(ExtendedAttributes.get(root.resolve("o"), "trusted.overlay.opaque")).isPresent();
    assertThat(ExtendedAttributes.get(root.resolve("swapped"), "trusted.overlay.opaque"))
        .as("the lower directory is gone, and this one is new")
        .isPresent();
    assertThat(Files.readString(root.resolve("late"))).isEqualTo("mine");
  }

  @Test
  void overlayfs_shows_the_layers_as_one() throws Exception {
    Path lower = Files.createDirectory(dir.resolve("lower"));
    unpack(
        new ByteArrayInputStream(
            Archives.of(file("keep", "1"), file("gone", "1"), file("o/old", "1"))),
        lower);
    unpack(Archives.of(whiteout("gone"), opaque("o"), file("o/new", "2"), file("top", "2")));

    Path merged = Files.createDirectory(dir.resolve("merged"));
    Process process =
        new ProcessBuilder(
                "unshare",
                "-m",
                "sh",
                "-c",
                "mount -t overlay overlay -o lowerdir="
                    + root
                    + ":"
                    + lower
                    + " "
                    + merged
                    + " && cd "
                    + merged
                    + " && find . -type f | sort | tr '\\n' ' '")
            .redirectErrorStream(true)
            .start();
    String seen = new String(process.getInputStream().readAllBytes(), UTF_8);
    assumeTrue(process.waitFor() == 0, "this host mounts no overlayfs: " + seen);

    assertThat(seen).isEqualTo("./keep ./o/new ./top ");
  }

  @Test
  void a_later_entry_takes_the_place_of_an_earlier_one() throws Exception {
    unpack(
        Archives.of(
            file("a", "file"),
            directory("a"),
            file("a/x", "x"),
            file("a", "again"),
            symbolicLink("lib", "usr/lib"),
            directory("usr/lib"),
            file("lib/through", "x"),
            directory("lib"),
            file("lib/own", "y")));

    assertThat(Files.readString(root.resolve("a"))).isEqualTo("again");
    assertThat(root.resolve("usr/lib/through")).exists();
    assertThat(root.resolve("usr/lib/own")).doesNotExist();
    assertThat(root.resolve("lib/own")).exists();
  }

  @Test
  void an_entry_that_would_leave_the_layer_is_refused() throws Exception {
    assertRefused(Reason.ESCAPE, "has '..' in its path", file("../evil", "x"));
    assertRefused(Reason.ESCAPE, "has '..' in its path", file("a/../../evil", "x"));
    assertRefused(Reason.ESCAPE, "has an absolute path", file("/evil", "x"));
    assertRefused(
        Reason.ESCAPE,
        "leaves the layer through a symbolic link",
        symbolicLink("out", dir.toString()),
        file("out/evil", "x"));
    assertRefused(
        Reason.ESCAPE,
        "leaves the layer through a symbolic link",
        symbolicLink("out", "../"),
        file("out/evil", "x"));
    assertRefused(
        Reason.ESCAPE, "leaves the layer", symbolicLink("out", "../"), whiteout("out/layer"));
    assertRefused(Reason.ESCAPE, "'..'", hardLink("evil", "../secret"));
    assertRefused(Reason.ESCAPE, "absolute", hardLink("evil", "/etc/passwd"));
    assertRefused(
        Reason.ESCAPE, "leaves the layer", symbolicLink("out", "../"), hardLink("e", "out/secret"));
    assertThat(dir.resolve("evil")).doesNotExist();
  }

  @Test
  void a_symbolic_link_at_the_end_of_a_path_is_replaced_and_not_written_through() throws Exception {
    Path secret = Files.writeString(dir.resolve("secret"), "safe");

    unpack(Archives.of(symbolicLink("x", "../secret"), file("x", "evil")));

    assertThat(Files.readString(secret)).isEqualTo("safe");
    assertThat(Files.readString(root.resolve("x"))).isEqualTo("evil");
  }

  @Test
  void a_layer_cannot_speak_to_overlayfs_by_itself() throws Exception {
    unpack(
        Archives.of(
            new LayerEntry.Directory(
                "d",
                FileAttributes.ofMode(0755)
                    .with("trusted.overlay.redirect", "/".getBytes(UTF_8)))));

    assertThat(ExtendedAttributes.get(root.resolve("d"), "trusted.overlay.redirect")).isEmpty();
  }

  @Test
  void more_bytes_or_entries_than_the_limits_are_refused() throws Exception {
    UnpackLimits small = new UnpackLimits(3, 100_000, 1000);
    byte[] bomb = gzip(Archives.of(file("zeros", new byte[10_000_000])));
    assertThat(new LayerUnpacker(small).unpack(new ByteArrayInputStream(bomb), root))
        .isEqualTo(new Refused(Reason.OVER_LIMIT, "the layer unpacks to more than 100000 bytes"));
    byte[] many = Archives.of(directory("a"), directory("b"), directory("c"), directory("d"));
    assertThat(new LayerUnpacker(small).unpack(new ByteArrayInputStream(many), root))
        .isEqualTo(new Refused(Reason.OVER_LIMIT, "the layer has more than 3 entries"));
    byte[] longName = Archives.of(file("x".repeat(2000), ""));
    assertThat(new LayerUnpacker(small).unpack(new ByteArrayInputStream(longName), root))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.reason()).isEqualTo(Reason.OVER_LIMIT));
  }

  @Test
  void a_layer_deeper_than_any_path_can_say_is_removed_again() throws Exception {
    String deep = "d/".repeat(1900) + "d";
    Path target = Files.createDirectory(dir.resolve("deep"));

    UnpackOutcome outcome =
        unpack(
            new ByteArrayInputStream(
                Archives.of(
                    directory(deep), symbolicLink("down", deep), file("down/" + deep + "/f", "x"))),
            target);

    assertThat(outcome).isInstanceOf(Unpacked.class);
    TreeRemoval.remove(target);
    assertThat(target).doesNotExist();
  }

  @Test
  void a_path_that_no_call_takes_is_refused() throws Exception {
    assertMalformed(Archives.of(file("d/".repeat(2500) + "f", "x")));
  }

  @Test
  void what_is_cut_off_or_no_archive_is_refused() throws Exception {
    byte[] tar = Archives.of(file("a", "x".repeat(100_000)));
    byte[] gzip = gzip(tar);

    assertMalformed(Arrays.copyOf(tar, 5_000));
    assertMalformed(Arrays.copyOf(gzip, gzip.length / 2));
    assertMalformed(Arrays.copyOf(Zstd.compress(tar), 20));
    assertMalformed("this is not an archive".repeat(100).getBytes(UTF_8));
    assertMalformed(Archives.of(file("a", "x"), file("a/b", "y")));
    assertMalformed(Archives.of(file("x".repeat(300), "y")));
  }

  @Test
  void a_full_disk_is_said() throws Exception {
    Path mount = Files.createDirectory(dir.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=256k", "none", mount.toString()) == 0,
        "cannot mount a small file system");
    try {
      UnpackOutcome outcome =
          unpack(new ByteArrayInputStream(Archives.of(file("large", new byte[1 << 20]))), mount);
      assertThat(outcome)
          .isInstanceOfSatisfying(
              Refused.class, it -> assertThat(it.reason()).isEqualTo(Reason.NO_SPACE));
    } finally {
      assertThat(run("umount", mount.toString())).isZero();
    }
  }

  @Test
  void a_stream_that_fails_is_the_callers_to_handle() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("connection reset");
          }
        };

    assertThatThrownBy(() -> unpack(broken, root)).hasMessage("connection reset");
  }

  private void assertRefused(Reason reason, String why, LayerEntry... entries) throws Exception {
    Path target = Files.createTempDirectory(dir, "r");
    UnpackOutcome outcome = unpack(new ByteArrayInputStream(Archives.of(entries)), target);
    assertThat(outcome).isInstanceOf(Refused.class);
    assertThat(((Refused) outcome).message()).contains(why);
    assertThat(((Refused) outcome).reason()).isEqualTo(reason);
  }

  private void assertMalformed(byte[] packed) throws Exception {
    Path target = Files.createTempDirectory(dir, "m");
    assertThat(unpack(new ByteArrayInputStream(packed), target))
        .isInstanceOfSatisfying(
            Refused.class, it -> assertThat(it.reason()).isEqualTo(Reason.MALFORMED));
  }

  private UnpackOutcome unpack(byte[] tar) throws IOException {
    return unpack(new ByteArrayInputStream(tar), root);
  }

  private static UnpackOutcome unpack(InputStream packed, Path target) throws IOException {
    return new LayerUnpacker(UnpackLimits.DEFAULT).unpack(packed, target);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /** Kind, mode, owner, device and time as the machine's own tool shows them. */
  private String stat(String path) throws Exception {
    Process process =
        new ProcessBuilder("stat", "-c", "%F %a %u:%g %t,%T", root.resolve(path).toString())
            .start();
    String shown = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    return shown
        + " "
        + Files.getLastModifiedTime(root.resolve(path), LinkOption.NOFOLLOW_LINKS).toInstant();
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).start().waitFor();
  }
}
