package dev.waybill.noderunner.layer;

import dev.waybill.noderunner.layer.MergedLayers.Shown;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a container wrote, as a layer: the upper directory of an overlay with its whiteouts (devices
 * 0:0) and opaque directories said as layers say them. Fuse-overlayfs leaves the same, and marks of
 * its own beside them, which say nothing more.
 *
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#representing-changes">
 *     image-spec, representing changes</a>
 * @see <a href="https://docs.kernel.org/filesystems/overlayfs.html">overlayfs</a>
 */
public final class UpperTree {
  private static final Set<String> ELSEWHERE =
      Set.of("trusted.overlay.redirect", "trusted.overlay.metacopy");

  /** Fuse-overlayfs' marks in an opaque directory, which has overlayfs' attribute as well. */
  private static final Set<String> OPAQUE_MARKS = Set.of(".wh..wh..opq", ".wh..opq");

  private final LayerEntries entries;

  private UpperTree(LayerEntries entries) {
    this.entries = entries;
  }

  /**
   * Reads it; the content of files is opened when the layer is written. That a directory hides what
   * is below it is said where there is something below it.
   *
   * @param lower directories of the layers below, top first
   * @param mountPoints absolute paths inside at which something was mounted: what stands there
   *     empty was made for that only, and is left out
   * @param notAfter later times of change are set back to this
   * @throws IOException where a file cannot be said in a layer, or cannot be read
   */
  public static List<LayerEntry> read(
      Path upper, List<Path> lower, Set<String> mountPoints, Instant notAfter) throws IOException {
    var tree = new UpperTree(new LayerEntries(mountPoints, notAfter));
    tree.directory(upper, "", MergedLayers.root(lower));
    return tree.entries.list();
  }

  /** Adds what is in this directory; whether all of it was made for mounts. */
  private boolean directory(Path directory, String path, List<Path> merged) throws IOException {
    SortedMap<String, Path> children = new TreeMap<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path child : stream) {
        children.put(LayerEntries.name(child), child);
      }
    }
    children.keySet().removeAll(OPAQUE_MARKS);
    int before = entries.size();
    for (Map.Entry<String, Path> child : children.entrySet()) {
      add(child.getValue(), LayerEntries.below(path, child.getKey()), merged);
    }
    return !children.isEmpty() && entries.size() == before;
  }

  private void add(Path file, String path, List<Path> merged) throws IOException {
    FileStat stat = FileStat.of(file);
    if (stat.isWhiteout()) {
      entries.addWhiteout(path);
    } else if (stat.isDirectory()) {
      addDirectory(file, path, stat, MergedLayers.named(merged, file.getFileName()));
    } else {
      entries.addFile(file, path, stat);
    }
  }

  private void addDirectory(Path file, String path, FileStat stat, Optional<Shown> before)
      throws IOException {
    for (String attribute : ELSEWHERE) {
      if (ExtendedAttributes.get(file, attribute).isPresent()) {
        throw new IOException(
            "directory '/%s' was renamed from below (%s): copy it instead of renaming it"
                .formatted(path, attribute));
      }
    }
    int at = entries.size();
    boolean opaque = FileStat.isOpaque(file);
    List<Path> merged = opaque || before.isEmpty() ? List.of() : before.get().directories();
    boolean forMountsOnly = directory(file, path, merged);
    boolean empty = entries.size() == at && !forMountsOnly;
    if (forMountsOnly || empty && entries.isMountPoint(path)) {
      return;
    }
    // Fuse-overlayfs marks every new directory, overlayfs some, as the kernel is configured.
    entries.addDirectory(at, file, path, stat, opaque && before.isPresent());
  }
}
