package dev.waybill.noderunner.graph;

import dev.waybill.noderunner.layer.TreeChanges;
import dev.waybill.noderunner.layer.TreeCopy;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** A tree of its own for each container, for file systems that overlayfs can't stand on. */
final class CopyDriver implements GraphDriver {
  private static final String COPIED = "copied";

  @Override
  public GraphKind kind() {
    return GraphKind.COPY;
  }

  @Override
  public void make(Path home, List<Path> lower) throws IOException {
    TreeCopy.make(lower, OverlayDirectories.make(home, OverlayDirectories.ROOTFS));
    // Its time is the clock that the files' times are by.
    Files.createFile(home.resolve(COPIED));
  }

  @Override
  public Root root(Path home, List<Path> lower) {
    return new Root.Tree(home.resolve(OverlayDirectories.ROOTFS));
  }

  @Override
  public List<LayerEntry> changes(
      Path home, List<Path> lower, Set<String> mountPoints, Instant notAfter) throws IOException {
    Instant madeAt = Files.getLastModifiedTime(home.resolve(COPIED)).toInstant();
    return TreeChanges.read(
        home.resolve(OverlayDirectories.ROOTFS), lower, madeAt, mountPoints, notAfter);
  }
}
