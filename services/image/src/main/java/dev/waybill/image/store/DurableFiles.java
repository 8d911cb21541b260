package dev.waybill.image.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Directory entries that survive a loss of power once the call has returned. */
final class DurableFiles {
  private DurableFiles() {}

  /** Moves a file, whose content is forced already, to its name. */
  static void publish(Path temporary, Path target) throws IOException {
    createDirectories(directoryOf(target));
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    force(directoryOf(target));
  }

  /** Makes a file hold these bytes: all of them, or what it held before. */
  static void replace(Path target, byte[] content) throws IOException {
    createDirectories(directoryOf(target));
    // A leading dot is in no name that we keep, so a left-over is told from a file at start.
    Path temporary = target.resolveSibling("." + target.getFileName());
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    force(directoryOf(target));
  }

  /** Makes the directory and its missing parents. */
  static void createDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directoryOf(directory);
    createDirectories(parent);
    Files.createDirectories(directory);
    force(parent);
  }

  /** The directory that a file is in. */
  static Path directoryOf(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "the root is in no directory");
  }

  /** Forces a directory's entries to disk. */
  static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
