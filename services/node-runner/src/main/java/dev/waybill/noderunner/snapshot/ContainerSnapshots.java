package dev.waybill.noderunner.snapshot;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.graph.GraphDriver;
import dev.waybill.noderunner.graph.GraphDrivers;
import dev.waybill.noderunner.layer.TreeRemoval;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What the containers of this host write on top of layers. */
public final class ContainerSnapshots {
  private final LayerStore layers;
  private final Path containers;
  private final GraphDrivers drivers;

  private ContainerSnapshots(LayerStore layers, Path containers, GraphDrivers drivers) {
    this.layers = layers;
    this.containers = containers;
    this.drivers = drivers;
  }

  /** The snapshots beside these layers; what an earlier process mounted is taken over. */
  public static ContainerSnapshots open(Path data, LayerStore layers, GraphDrivers drivers)
      throws IOException {
    Path containers = Files.createDirectories(data.resolve("containers"));
    var snapshots = new ContainerSnapshots(layers, containers, drivers);
    for (SnapshotId id : snapshots.all()) {
      Path home = snapshots.home(id);
      drivers.of(home).adopt(home);
    }
    return snapshots;
  }

  /**
   * Makes the snapshot of a container, or gives the one it has, ready for a start.
   *
   * @param diffIds layers to stand on, lowest first; all of them must be here
   */
  public Snapshot prepare(SnapshotId id, List<Digest> diffIds) throws IOException {
    Optional<List<Digest>> present = layersOf(id);
    List<Path> lower = layers.lowerDirectories(present.orElse(diffIds));
    if (present.isEmpty()) {
      make(id, diffIds, lower);
    }
    GraphDriver driver = drivers.of(home(id));
    driver.mount(home(id), lower);
    return new Snapshot(id, driver.root(home(id), lower));
  }

  private void make(SnapshotId id, List<Digest> diffIds, List<Path> lower) throws IOException {
    Path draft = Files.createTempDirectory(layers.temporary(), "container");
    try {
      drivers.forNew(draft).make(draft, lower);
      Files.write(draft.resolve("layers"), diffIds.stream().map(Digest::toString).toList());
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwx--x--x"));
      Files.move(draft, home(id), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      TreeRemoval.remove(draft);
    }
  }

  /** The snapshot of this container, if it has one, mounted or not. */
  public Optional<Snapshot> find(SnapshotId id) throws IOException {
    Optional<List<Digest>> diffIds = layersOf(id);
    if (diffIds.isEmpty()) {
      return Optional.empty();
    }
    List<Path> lower = layers.lowerDirectories(diffIds.get());
    return Optional.of(new Snapshot(id, drivers.of(home(id)).root(home(id), lower)));
  }

  /**
   * What a container wrote, as a layer.
   *
   * @param mountPoints absolute paths inside at which something is mounted
   * @param notAfter later times of change are set back to this
   * @throws NoSuchFileException if it has no snapshot
   */
  public List<LayerEntry> changes(SnapshotId id, Set<String> mountPoints, Instant notAfter)
      throws IOException {
    List<Digest> diffIds =
        layersOf(id).orElseThrow(() -> new NoSuchFileException("files of container " + id));
    List<Path> lower = layers.lowerDirectories(diffIds);
    return drivers.of(home(id)).changes(home(id), lower, mountPoints, notAfter);
  }

  /** Gives back what is mounted on the host for a container that doesn't run any more. */
  public void release(SnapshotId id) throws IOException {
    drivers.of(home(id)).unmount(home(id));
  }

  /** Removes what a container wrote; it must not run any more. */
  public void remove(SnapshotId id) throws IOException {
    release(id);
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

  private Path home(SnapshotId id) {
    return containers.resolve(id.value());
  }
}
