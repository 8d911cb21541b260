package dev.waybill.noderunner.graph;

import dev.waybill.noderunner.layer.UpperTree;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Overlayfs, which native-runner mounts where only the container sees it. */
final class OverlayDriver implements GraphDriver {
  @Override
  public GraphKind kind() {
    return GraphKind.OVERLAY;
  }

  @Override
  public void make(Path home, List<Path> lower) throws IOException {
    OverlayDirectories.make(home);
  }

  @Override
  public Root root(Path home, List<Path> lower) {
    return OverlayDirectories.of(home, lower);
  }

  @Override
  public List<LayerEntry> changes(
      Path home, List<Path> lower, Set<String> mountPoints, Instant notAfter) throws IOException {
    return UpperTree.read(home.resolve(OverlayDirectories.UPPER), lower, mountPoints, notAfter);
  }
}
