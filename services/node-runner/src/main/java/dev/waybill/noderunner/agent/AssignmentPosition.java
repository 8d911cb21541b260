package dev.waybill.noderunner.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;

/**
 * How far this node has carried out its assignments, on disk.
 *
 * <p>An order counts as carried out when its actor says so; the position is the first one that
 * isn't. After a kill some orders come again: a container's record tells which it has taken, and a
 * tombstone tells that a container was removed, until the position is past its removal.
 */
final class AssignmentPosition {
  private final Path file;
  private final Path tombstones;
  private final ConcurrentSkipListSet<Long> underWay = new ConcurrentSkipListSet<>();
  private long kept;

  AssignmentPosition(Path directory) {
    this.file = directory.resolve("assignments.position");
    this.tombstones = directory.resolve("removed");
    try {
      Files.createDirectories(tombstones);
      this.kept = Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The first offset that is not known to be carried out. */
  long next() {
    return kept;
  }

  void begun(long offset) {
    underWay.add(offset);
  }

  void done(long offset) {
    underWay.remove(offset);
  }

  /** A container is gone, by the order at {@code offset}; to be kept before its record goes. */
  void buried(String containerId, long offset) {
    try {
      Files.writeString(tombstones.resolve(containerId), Long.toString(offset));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot note the removal of " + containerId, e);
    }
  }

  boolean isBuried(String containerId) {
    return Files.exists(tombstones.resolve(containerId));
  }

  /** All below {@code read} was handed out; keeps how much of it is done. */
  void advance(long read) {
    Long oldest = underWay.isEmpty() ? null : underWay.first();
    long next = oldest == null ? read : Math.min(oldest, read);
    if (next <= kept) {
      return;
    }
    try {
      Path temporary = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(temporary, Long.toString(next));
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      kept = next;
      for (Path tombstone : tombstones()) {
        if (Long.parseLong(Files.readString(tombstone)) < next) {
          Files.delete(tombstone);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the position in " + file, e);
    }
  }

  private List<Path> tombstones() throws IOException {
    try (Stream<Path> files = Files.list(tombstones)) {
      return files.toList();
    }
  }
}
