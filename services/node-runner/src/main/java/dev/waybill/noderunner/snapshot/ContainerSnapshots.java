package dev.waybill.noderunner.snapshot;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.layer.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What the containers of this host write on top of layers. */
public final class ContainerSnapshots {
  private final LayerStore layers;
  private final Path containers;

  private ContainerSnapshots(LayerStore layers, Path containers) {
    this.layers = layers;
    this.containers = containers;
  }

  /** The snapshots beside these layers. */
  public static ContainerSnapshots open(Path data, LayerStore layers) throws IOException {
    return new ContainerSnapshots(layers, Files.createDirectories(data.resolve("containers")));
  }

  /**
   * Makes the snapshot of a container, or gives the one it has.
   *
   * @param diffIds layers to stand on, lowest first; all of them must be here
   */
  public Snapshot prepare(SnapshotId id, List<Digest> diffIds) throws IOException {
    Optional<Snapshot> present = find(id);
    if (present.isPresent()) {
      return present.get();
    }
    List<Path> lower = layers.lowerDirectories(diffIds);
    Path draft = Files.createTempDirectory(layers.temporary(), "container");
    try {
      Files.write(draft.resolve("layers"), diffIds.stream().map(Digest::toString).toList());
      for (String name : List.of("upper", "work", "rootfs")) {
        Path made = Files.createDirectory(draft.resolve(name));
        // The mode of upper becomes the mode of the container's root.
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwx--x--x"));
      Files.move(draft, home(id), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      TreeRemoval.remove(draft);
    }
    return snapshot(id, lower);
  }

  /** The snapshot of this container, if it has one. */
  public Optional<Snapshot> find(SnapshotId id) throws IOException {
    Optional<List<Digest>> diffIds = layersOf(id);
    return diffIds.isEmpty()
        ? Optional.empty()
        : Optional.of(snapshot(id, layers.lowerDirectories(diffIds.get())));
  }

  /** Removes what a container wrote; it must not be mounted any more. */
  public void remove(SnapshotId id) throws IOException {
    Path holder = Files.createTempDirectory(layers.temporary(), "removed");
    try {
      Files.move(home(id), holder.resolve("container"), StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException gone) {
      // Not here is what was wanted.
    } finally {
      TreeRemoval.remove(holder);
    }
  }

  /** The containers that have a snapshot. */
  public List<SnapshotId> all() throws IOException {
    try (Stream<Path> homes = Files.list(containers)) {
      return homes.map(home -> "" + home.getFileName()).sorted().map(SnapshotId::new).toList();
    }
  }

  /** The layers that some container stands on. */
  public SortedSet<Digest> layersInUse() throws IOException {
    SortedSet<Digest> used = new TreeSet<>();
    for (SnapshotId id : all()) {
      layersOf(id).ifPresent(used::addAll);
    }
    return used;
  }

  private Optional<List<Digest>> layersOf(SnapshotId id) throws IOException {
    try {
      return Optional.of(
          Files.readAllLines(home(id).resolve("layers")).stream().map(Digest::parse).toList());
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  private Snapshot snapshot(SnapshotId id, List<Path> lower) {
    Path home = home(id);
    return new Snapshot(
        id, lower, home.resolve("upper"), home.resolve("work"), home.resolve("rootfs"));
  }

  private Path home(SnapshotId id) {
    return containers.resolve(id.value());
  }
}
