package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.bundle.BundleException;
import dev.waybill.noderunner.bundle.BundleInputs;
import dev.waybill.noderunner.bundle.Bundles;
import dev.waybill.noderunner.imagecache.CacheOutcome;
import dev.waybill.noderunner.imagecache.CachedImage;
import dev.waybill.noderunner.imagecache.ImageCache;
import dev.waybill.noderunner.snapshot.ContainerSnapshots;
import dev.waybill.noderunner.snapshot.Snapshot;
import dev.waybill.noderunner.snapshot.SnapshotId;
import dev.waybill.noderunner.volume.VolumeStore;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.oci.runtime.Spec;
import dev.waybill.oci.runtime.SpecCodec;
import dev.waybill.oci.runtime.SpecFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes all that a container stands on: image, snapshot, files, bundle. */
final class Preparation {
  private static final int START_FAILED = 125;
  private static final Duration REGISTRY_AWAY_AT_MOST = Duration.ofSeconds(20);
  private static final Duration REGISTRY_RETRY = Duration.ofMillis(250);
  private static final long ACCOUNT_FILE_BYTES_MAX = 1024 * 1024;

  private final ImageCache images;
  private final ContainerSnapshots snapshots;
  private final VolumeStore volumes;
  private final String cgroupParent;
  private final Room room;

  /** Asked when the disk is full. */
  interface Room {
    /** Frees some of it; false where there is nothing that could go. */
    boolean make() throws IOException;
  }

  /** A start that can't go on; {@code retryable} where another try may go well. */
  static final class Failed extends Exception {
    private final int exitCode;
    private final boolean retryable;

    Failed(int exitCode, boolean retryable, String message) {
      super(message);
      this.exitCode = exitCode;
      this.retryable = retryable;
    }

    int exitCode() {
      return exitCode;
    }

    boolean retryable() {
      return retryable;
    }
  }

  /** A bundle on disk, ready for the runner. */
  record Ready(Path bundle, String configDigest, CachedImage image) {}

  Preparation(Images images, String cgroupParent, Room room) {
    this.images = images.cache();
    this.snapshots = images.snapshots();
    this.volumes = images.volumes();
    this.cgroupParent = cgroupParent;
    this.room = room;
  }

  /**
   * The image on this host, unpacked; another caller's work for it is shared. A registry that is
   * away is asked again for a while: it may be starting, as after a restart of the whole platform.
   * On a full disk images that nobody uses make room, once.
   */
  CacheOutcome.Cached image(RunAssigned run) throws Failed, IOException, InterruptedException {
    Digest digest = Digest.parse(run.getImageDigest());
    long deadline = System.nanoTime() + REGISTRY_AWAY_AT_MOST.toNanos();
    boolean mayMakeRoom = true;
    while (true) {
      switch (images.ensure(run.getImageRepository(), digest)) {
        case CacheOutcome.Cached cached -> {
          return cached;
        }
        case CacheOutcome.Failed(var reason, var message) -> {
          if (reason == CacheOutcome.Reason.NO_SPACE && mayMakeRoom && room.make()) {
            mayMakeRoom = false;
            continue;
          }
          boolean away = reason == CacheOutcome.Reason.UNREACHABLE;
          if (!away || System.nanoTime() > deadline) {
            boolean retryable = away || reason == CacheOutcome.Reason.NO_SPACE;
            throw new Failed(START_FAILED, retryable, message);
          }
          Thread.sleep(REGISTRY_RETRY);
        }
      }
    }
  }

  /** Writes the bundle below {@code directory}. */
  Ready bundle(
      RunAssigned run,
      CachedImage image,
      Path directory,
      @Nullable AttachAssigned attach,
      @Nullable String netns)
      throws Failed, IOException {
    Snapshot snapshot =
        snapshots.prepare(new SnapshotId(run.getContainerId()), image.config().diffIds());
    Path bundle = Files.createDirectories(directory.resolve("bundle"));
    var files = ContainerFiles.write(bundle, run, attach);
    try {
      var inputs =
          new BundleInputs(
              run,
              image.config().config(),
              snapshot.root(),
              accountFile(snapshot, "passwd"),
              accountFile(snapshot, "group"),
              network(run, netns),
              files,
              volumes.resolve(run.getContainerId(), run.getSpec().getMountsList()),
              cgroupParent);
      byte[] config = SpecCodec.write(Bundles.compose(inputs));
      Files.write(bundle.resolve("config.json"), config);
      return new Ready(bundle, Digest.of(config).toString(), image);
    } catch (BundleException e) {
      throw new Failed(e.exitCode(), false, String.valueOf(e.getMessage()));
    }
  }

  private static BundleInputs.Network network(RunAssigned run, @Nullable String netns) {
    if (netns != null) {
      return new BundleInputs.Network.Joined(netns);
    }
    return run.getSpec().getNetwork().equals("host")
        ? new BundleInputs.Network.Host()
        : new BundleInputs.Network.Isolated();
  }

  /** The topmost {@code /etc/NAME}; links are not followed: they would be the host's. */
  private static String accountFile(Snapshot snapshot, String name) throws IOException {
    for (Path layer : snapshot.root().fromTop()) {
      Path directory = layer.resolve("etc");
      Path file = directory.resolve(name);
      if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
          && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && Files.size(file) <= ACCOUNT_FILE_BYTES_MAX) {
        return Files.readString(file);
      }
    }
    return "";
  }

  /**
   * What a container wrote beside its volumes, as a layer.
   *
   * @param directory that {@link #bundle} was given
   * @param notAfter later times of change are set back to this
   */
  List<LayerEntry> changes(String containerId, Path directory, Instant notAfter)
      throws IOException {
    byte[] config = Files.readAllBytes(directory.resolve("bundle/config.json"));
    Spec spec;
    try {
      spec = SpecCodec.readSpec(config);
    } catch (SpecFormatException e) {
      throw new IOException("the bundle of container " + containerId + " is spoilt", e);
    }
    Set<String> mountPoints =
        spec.mounts().stream().map(Spec.Mount::destination).collect(Collectors.toSet());
    return snapshots.changes(new SnapshotId(containerId), mountPoints, notAfter);
  }

  /** Gives back what a container that ended doesn't need until its next start. */
  void release(String containerId) throws IOException {
    snapshots.release(new SnapshotId(containerId));
  }

  void remove(String containerId) throws IOException {
    snapshots.remove(new SnapshotId(containerId));
  }
}
