package dev.waybill.image.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Directory entries that survive a loss of power once the call has returned. */
record DurableFiles(Disk disk) {
  /** Moves a file, whose content is forced already, to its name. */
  void publish(Path temporary, Path target) throws IOException {
    createDirectories(directoryOf(target));
    disk.move(temporary, target);
    disk.forceDirectory(directoryOf(target));
  }

  /** Makes a file hold these bytes: all of them, or what it held before. */
  void replace(Path target, byte[] content) throws IOException {
    createDirectories(directoryOf(target));
    // A leading dot is in no name that we keep, so a left-over is told from a file at start.
    Path temporary = target.resolveSibling("." + target.getFileName());
    try (FileChannel channel = disk.openEmpty(temporary)) {
      disk.write(channel, ByteBuffer.wrap(content));
      disk.force(channel);
    }
    disk.move(temporary, target);
    disk.forceDirectory(directoryOf(target));
  }

  /** Makes the directory and its missing parents. */
  void createDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directoryOf(directory);
    createDirectories(parent);
    disk.createDirectory(directory);
    disk.forceDirectory(parent);
  }

  /** The directory that a file is in. */
  static Path directoryOf(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "the root is in no directory");
  }
}
