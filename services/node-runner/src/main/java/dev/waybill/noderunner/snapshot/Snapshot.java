package dev.waybill.noderunner.snapshot;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What to mount as the root of a container.
 *
 * @param id of the container
 * @param lower directories of the layers, top first
 * @param upper what the container writes
 * @param work overlayfs' own
 * @param rootfs an empty directory to mount it on
 */
public record Snapshot(SnapshotId id, List<Path> lower, Path upper, Path work, Path rootfs) {
  public Snapshot {
    lower = List.copyOf(lower);
  }

  /** The options of the mount, as overlayfs wants them. */
  public String mountOptions() {
    String below = lower.stream().map(Path::toString).collect(Collectors.joining(":"));
    return "lowerdir=" + below + ",upperdir=" + upper + ",workdir=" + work;
  }
}
