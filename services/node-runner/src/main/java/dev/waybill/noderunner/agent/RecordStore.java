package dev.waybill.noderunner.agent;

import dev.waybill.eventlog.decider.StateCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** One directory per container: its record, bundle and logs. Writes are whole or not at all. */
final class RecordStore {
  private static final String RECORD = "record.json";

  private final Path root;
  private final StateCodec<ContainerRecord> codec = new StateCodec<>(ContainerRecord.class);

  RecordStore(Path root) {
    this.root = root;
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + root, e);
    }
  }

  Path directory(String containerId) {
    return root.resolve(containerId);
  }

  void keep(ContainerRecord record) {
    try {
      Path directory = Files.createDirectories(directory(record.id()));
      Path temporary = directory.resolve(RECORD + ".new");
      Files.write(temporary, codec.encode(record));
      Files.move(temporary, directory.resolve(RECORD), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the record of container " + record.id(), e);
    }
  }

  /** All records; a directory without one is what an interrupted removal left, and goes. */
  List<ContainerRecord> all() {
    var records = new ArrayList<ContainerRecord>();
    try (Stream<Path> directories = Files.list(root)) {
      for (Path directory : directories.toList()) {
        Path file = directory.resolve(RECORD);
        if (Files.exists(file)) {
          records.add(codec.decode(Files.readAllBytes(file)));
        } else {
          delete(directory);
        }
      }
      return records;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the records in " + root, e);
    }
  }

  /**
   * Deletes a container's directory, the record first: what is left then is known to be garbage.
   */
  void remove(String containerId) {
    try {
      Files.deleteIfExists(directory(containerId).resolve(RECORD));
      delete(directory(containerId));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete container " + containerId, e);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
