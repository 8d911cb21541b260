package dev.waybill.noderunner.graph;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What native-runner makes a container's root of. */
public sealed interface Root {
  /** The directory that is the root, or on which it is mounted. */
  Path rootfs();

  /** Directories that show through one another, the topmost first. */
  List<Path> fromTop();

  /**
   * An overlay that is mounted in the container's own mount namespace.
   *
   * @param lower directories of the layers, top first
   * @param upper what the container writes
   * @param work overlayfs' own
   * @param rootfs an empty directory to mount it on
   */
  record Overlay(List<Path> lower, Path upper, Path work, Path rootfs) implements Root {
    public Overlay {
      lower = List.copyOf(lower);
    }

    /** The options of the mount, as overlayfs and fuse-overlayfs want them. */
    public String mountOptions() {
      String below = lower.stream().map(Path::toString).collect(Collectors.joining(":"));
      return "lowerdir=" + below + ",upperdir=" + upper + ",workdir=" + work;
    }

    @Override
    public List<Path> fromTop() {
      List<Path> directories = new ArrayList<>(List.of(upper));
      directories.addAll(lower);
      return directories;
    }
  }

  /** A directory of the host that is the root already. */
  record Tree(Path rootfs) implements Root {
    @Override
    public List<Path> fromTop() {
      return List.of(rootfs);
    }
  }
}
