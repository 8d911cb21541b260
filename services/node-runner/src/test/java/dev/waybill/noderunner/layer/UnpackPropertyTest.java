package dev.waybill.noderunner.layer;

import static dev.waybill.testkit.seed.Seeds.forEachSeed;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.noderunner.layer.UnpackOutcome.Unpacked;
import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackPropertyTest {
  private static final List<String> NAMES = List.of("a", "b", "c", ".hidden", "ä", "x y");

  @TempDir Path dir;

  @BeforeEach
  void needsRoot() {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root to change owners");
  }

  @Test
  void a_tree_comes_out_as_the_machines_own_tar_unpacks_it() {
    forEachSeed(
        25,
        seed -> {
          Path ours = directory("ours" + seed);
          Path theirs = directory("theirs" + seed);
          byte[] tar = Archives.of(tree(new SplittableRandom(seed)));
          assertThat(unpack(tar, ours)).isInstanceOf(Unpacked.class);
          extractWithTar(tar, theirs);

          assertThat(listing(ours)).isEqualTo(listing(theirs));
        });
  }

  @Test
  void whatever_an_archive_holds_nothing_outside_changes() throws IOException {
    Path secret = Files.writeString(dir.resolve("secret"), "safe");
    Path neighbour = directory("neighbour");
    forEachSeed(
        300,
        seed -> {
          Path target = directory("t" + seed);
          unpack(Archives.of(hostile(new SplittableRandom(seed))), target);

          assertThat(secret).hasContent("safe");
          assertThat(listing(neighbour)).isEqualTo("d . 755 0:0\n");
          assertThat(links(secret)).isEqualTo(1);
          remove(target);
        });
  }

  private static List<LayerEntry> tree(SplittableRandom random) {
    List<LayerEntry> entries = new ArrayList<>();
    List<String> directories = new ArrayList<>(List.of(""));
    List<String> files = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String parent = directories.get(random.nextInt(directories.size()));
      String path = parent + NAMES.get(random.nextInt(NAMES.size())) + i;
      FileAttributes attributes =
          FileAttributes.ofMode(random.nextInt(010000) | 0700)
              .ownedBy(random.nextInt(3) * 1000, random.nextInt(3) * 70_000)
              .modifiedAt(Instant.ofEpochSecond(random.nextInt(2_000_000_000)));
      switch (random.nextInt(5)) {
        case 0 -> {
          entries.add(new LayerEntry.Directory(path, attributes));
          directories.add(path + "/");
        }
        case 1 ->
            entries.add(new LayerEntry.SymbolicLink(path, FileAttributes.ofMode(0777), "../x"));
        case 2 -> {
          if (!files.isEmpty()) {
            String target = files.get(random.nextInt(files.size()));
            entries.add(LayerEntry.hardLink(path, target));
          }
        }
        default -> {
          byte[] content = new byte[random.nextInt(3000)];
          random.nextBytes(content);
          entries.add(new LayerEntry.RegularFile(path, attributes, FileContent.of(content)));
          files.add(path);
        }
      }
    }
    return entries;
  }

  private static List<LayerEntry> hostile(SplittableRandom random) {
    List<String> parts =
        List.of("a", "b", "l", "..", ".", "neighbour", "secret", ".wh.a", ".wh..wh..opq", "");
    List<LayerEntry> entries = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      StringBuilder path = new StringBuilder();
      StringBuilder target = new StringBuilder();
      for (int depth = random.nextInt(1, 4); depth > 0; depth--) {
        path.append(path.isEmpty() ? "" : "/").append(parts.get(random.nextInt(parts.size())));
        target.append(target.isEmpty() ? "../" : "/");
        target.append(parts.get(random.nextInt(parts.size())));
      }
      entries.add(
          switch (random.nextInt(5)) {
            case 0 -> LayerEntry.directory(path.toString());
            case 1 -> LayerEntry.symbolicLink(path.toString(), target.toString());
            case 2 -> LayerEntry.hardLink(path.toString(), target.toString());
            case 3 -> LayerEntry.symbolicLink(path.toString(), "b");
            default -> LayerEntry.file(path.toString(), "evil");
          });
    }
    return entries;
  }

  private Path directory(String name) {
    try {
      Path made = Files.createDirectory(dir.resolve(name));
      run("chmod", "755", made.toString());
      return made;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static UnpackOutcome unpack(byte[] tar, Path target) {
    try {
      return new LayerUnpacker(UnpackLimits.DEFAULT).unpack(new ByteArrayInputStream(tar), target);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void extractWithTar(byte[] tar, Path target) {
    try {
      Path file = Files.write(dir.resolve("layer.tar"), tar);
      run(
          "tar",
          "-xpf",
          file.toString(),
          "--numeric-owner",
          "--delay-directory-restore",
          "-C",
          target.toString());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Object links(Path file) {
    try {
      return Files.getAttribute(file, "unix:nlink");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void remove(Path target) {
    try {
      TreeRemoval.remove(target);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Kind, path, mode, owner, links, time and content of everything, but not the root's time. */
  private static String listing(Path root) {
    return run(
        "sh",
        "-c",
        "cd '"
            + root
            + "' && find . -maxdepth 0 -printf '%y %p %m %U:%G\\n' && find . -mindepth 1"
            + " -printf '%y %p %m %U:%G %n %T@ %l\\n' | LC_ALL=C sort"
            + " && find . -type f | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0r sha256sum");
  }

  private static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      return output;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
