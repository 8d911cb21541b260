package dev.waybill.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A new file system for one benchmark. On one from which much was deleted a moment ago ext4 takes
 * up to forty times as long to make a file, because it steps over each inode that was just freed:
 * whoever comes after a removal would be measured with it.
 */
final class BenchDisk implements AutoCloseable {
  private static final long BYTES_MAX = 40L << 30;

  private final Path directory;

  private BenchDisk(Path directory) {
    this.directory = directory;
  }

  static BenchDisk open() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("wbd");
    Path file = directory.resolve("disk");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(BYTES_MAX);
    }
    var disk = new BenchDisk(directory);
    // The tables of inodes now: otherwise the kernel fills them in while we measure.
    Programs.time(
        List.of("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,nodiscard", file.toString()));
    Files.createDirectory(disk.root());
    Programs.time(List.of("mount", "-o", "loop", file.toString(), disk.root().toString()));
    return disk;
  }

  /** Where it is mounted. */
  Path root() {
    return directory.resolve("root");
  }

  @Override
  public void close() throws IOException {
    Programs.time(List.of("umount", "-l", root().toString()));
    BenchPlatform.delete(directory);
  }
}
