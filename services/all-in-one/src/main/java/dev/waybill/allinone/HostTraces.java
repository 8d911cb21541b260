package dev.waybill.allinone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What a platform leaves on its host when no container is left: empty cgroups and directories. */
final class HostTraces {
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  private HostTraces() {}

  /** Removes what is empty; what containers still use stays. */
  static void sweep(DataDirectory data) {
    try {
      for (Path controller : controllers()) {
        removeEmpty(controller.resolve("waybill-" + data.instance()));
      }
      removeEmpty(data.runDirectory());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tidy up after the platform", e);
    }
  }

  private static List<Path> controllers() throws IOException {
    try (Stream<Path> mounts = Files.list(CGROUPS)) {
      return Stream.concat(Stream.of(CGROUPS), mounts.filter(Files::isDirectory)).toList();
    }
  }

  /** Directories only: in a cgroup the files are the kernel's and go with their directory. */
  private static void removeEmpty(Path top) throws IOException {
    if (!Files.isDirectory(top)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(top)) {
      for (Path directory :
          tree.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(directory);
      }
    } catch (DirectoryNotEmptyException e) {
      // Containers or their state are left: theirs to remove, and found again at the next start.
      return;
    } catch (FileSystemException e) {
      if (!String.valueOf(e.getReason()).contains("busy")) {
        throw e;
      }
    }
  }
}
