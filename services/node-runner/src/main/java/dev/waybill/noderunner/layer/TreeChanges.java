package dev.waybill.noderunner.layer;

import dev.waybill.noderunner.layer.MergedLayers.Shown;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a container wrote into a copy of its layers, as a layer: the copy compared with them. Where
 * it can be known, this is what overlayfs would have left. What can't be known from the outcome: a
 * directory that was removed and made again shows as the removal of what was in it, and a file that
 * was opened for writing and never changed shows not at all. Of a file with several names, all are
 * said once one changed.
 */
public final class TreeChanges {
  private final Instant madeAt;
  private final LayerEntries entries;
  private final Set<Object> changedFiles = new HashSet<>();

  /**
   * A name that differs, or may have to be said because another name of the same file does.
   *
   * @param stat absent where the name is gone
   * @param below for directories
   */
  private record Node(
      Path file, @Nullable FileStat stat, boolean changed, boolean opaque, List<Node> below) {}

  private TreeChanges(Instant madeAt, LayerEntries entries) {
    this.madeAt = madeAt;
    this.entries = entries;
  }

  /**
   * Compares; the content of files is opened when the layer is written.
   *
   * @param tree the copy
   * @param lower directories of the layers that it is a copy of, top first
   * @param madeAt when the copy was complete, by the clock of its file system: what wasn't touched
   *     since then is not read
   * @param mountPoints absolute paths inside at which something was mounted: what stands there
   *     empty was made for that only, and is left out
   * @param notAfter later times of change are set back to this
   * @throws IOException where a file cannot be said in a layer, or cannot be read
   */
  public static List<LayerEntry> read(
      Path tree, List<Path> lower, Instant madeAt, Set<String> mountPoints, Instant notAfter)
      throws IOException {
    var changes = new TreeChanges(madeAt, new LayerEntries(mountPoints, notAfter));
    List<Node> nodes = changes.compare(tree, MergedLayers.root(lower));
    changes.say(nodes, "");
    return changes.entries.list();
  }

  /**
   * @param merged directories of the layers that are merged at this place; empty for a new one
   */
  private List<Node> compare(Path directory, List<Path> merged) throws IOException {
    SortedMap<Path, Path> present = new TreeMap<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(child -> present.put(child.getFileName(), child));
    }
    SortedMap<Path, Shown> before = MergedLayers.in(merged);
    SortedSet<Path> names = new TreeSet<>(present.keySet());
    names.addAll(before.keySet());
    List<Node> nodes = new ArrayList<>();
    for (Path name : names) {
      Path file = present.get(name);
      if (file == null) {
        nodes.add(new Node(directory.resolve(name), null, true, false, List.of()));
        continue;
      }
      Node node = compare(file, before.get(name));
      if (node.changed() || !node.below().isEmpty() || stat(node).isShared()) {
        nodes.add(node);
      }
    }
    return nodes;
  }

  private Node compare(Path file, @Nullable Shown before) throws IOException {
    FileStat stat = FileStat.of(file);
    boolean changed = before == null || !isSame(file, stat, before);
    if (stat.isDirectory()) {
      // Only a directory of the layers has any; a file in its place does not.
      List<Path> merged = before == null ? List.of() : before.directories();
      boolean opaque = before != null && merged.isEmpty();
      return new Node(file, stat, changed, opaque, compare(file, merged));
    }
    if (changed && stat.isShared()) {
      changedFiles.add(stat.key());
    }
    return new Node(file, stat, changed, false, List.of());
  }

  private boolean isSame(Path file, FileStat stat, Shown before) throws IOException {
    FileStat old = before.stat();
    boolean alike =
        stat.mode() == old.mode()
            && stat.uid() == old.uid()
            && stat.gid() == old.gid()
            && stat.device() == old.device()
            && stat.modified().equals(old.modified())
            && (stat.isDirectory() || stat.size() == old.size());
    if (!alike || stat.changed().isBefore(madeAt)) {
      return alike;
    }
    // Touched since, though it looks as before: only its content can tell.
    return hasSameAttributes(file, before.file()) && hasSameContent(file, before.file(), stat);
  }

  private static boolean hasSameAttributes(Path file, Path before) throws IOException {
    SortedMap<String, byte[]> now = LayerEntries.extended(file);
    SortedMap<String, byte[]> then = LayerEntries.extended(before);
    return now.keySet().equals(then.keySet())
        && now.keySet().stream().allMatch(key -> Arrays.equals(now.get(key), then.get(key)));
  }

  private static boolean hasSameContent(Path file, Path before, FileStat stat) throws IOException {
    return switch (stat.kind()) {
      case FileStat.FILE -> Files.mismatch(file, before) < 0;
      case FileStat.LINK -> Files.readSymbolicLink(file).equals(Files.readSymbolicLink(before));
      default -> true;
    };
  }

  /** Adds the entries; whether anything differs here. */
  private boolean say(List<Node> nodes, String path) throws IOException {
    boolean differs = false;
    for (Node node : nodes) {
      differs |= say(node, path);
    }
    return differs;
  }

  private boolean say(Node node, String parent) throws IOException {
    FileStat stat = node.stat();
    if (stat == null) {
      entries.addWhiteout(LayerEntries.below(parent, LayerEntries.name(node.file())));
      return true;
    }
    if (stat.isDirectory()) {
      return sayDirectory(node, stat, LayerEntries.below(parent, LayerEntries.name(node.file())));
    }
    if (!node.changed() && !changedFiles.contains(stat.key())) {
      return false;
    }
    String path = LayerEntries.below(parent, LayerEntries.name(node.file()));
    entries.addFile(node.file(), path, stat);
    return true;
  }

  private boolean sayDirectory(Node node, FileStat stat, String path) throws IOException {
    int at = entries.size();
    boolean differsBelow = say(node.below(), path);
    boolean empty = entries.size() == at;
    if (!differsBelow && !node.changed()) {
      return false;
    }
    boolean forMountsOnly = empty && (differsBelow || entries.isMountPoint(path));
    if (!forMountsOnly) {
      entries.addDirectory(at, node.file(), path, stat, node.opaque());
    }
    return true;
  }

  private static FileStat stat(Node node) {
    return Objects.requireNonNull(node.stat());
  }
}
