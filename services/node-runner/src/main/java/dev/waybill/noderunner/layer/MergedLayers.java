package dev.waybill.noderunner.layer;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Unpacked layers seen as one tree, as overlayfs shows them. */
final class MergedLayers {
  /**
   * A name that shows.
   *
   * @param file the topmost one of it
   * @param directories those that are merged in it, top first; empty where it is no directory
   */
  record Shown(Path file, FileStat stat, List<Path> directories) {}

  private MergedLayers() {}

  /**
   * The directories that are merged in the root.
   *
   * @param lower directories of the layers, top first
   */
  static List<Path> root(List<Path> lower) throws IOException {
    List<Path> merged = new ArrayList<>();
    for (Path layer : lower) {
      Path directory = layer.toRealPath(); // They are named by short links.
      merged.add(directory);
      if (FileStat.isOpaque(directory)) {
        break;
      }
    }
    return merged;
  }

  /** What shows in directories that are merged, top first, by its name. */
  static SortedMap<Path, Shown> in(List<Path> directories) throws IOException {
    SortedMap<Path, Shown> shown = new TreeMap<>();
    Set<Path> closed = new HashSet<>();
    for (Path directory : directories) {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
        for (Path child : children) {
          if (!closed.contains(child.getFileName())) {
            add(child, shown, closed);
          }
        }
      }
    }
    return shown;
  }

  /** What shows of this name in directories that are merged, top first. */
  static Optional<Shown> named(List<Path> directories, Path name) throws IOException {
    SortedMap<Path, Shown> shown = new TreeMap<>();
    Set<Path> closed = new HashSet<>();
    for (Path directory : directories) {
      Path file = directory.resolve(name);
      if (closed.isEmpty() && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        add(file, shown, closed);
      }
    }
    return Optional.ofNullable(shown.get(name));
  }

  /** Adds a file below what shows already; {@code closed} are names to which nothing comes. */
  private static void add(Path file, SortedMap<Path, Shown> shown, Set<Path> closed)
      throws IOException {
    Path name = file.getFileName();
    FileStat stat = FileStat.of(file);
    Shown above = shown.get(name);
    if (!stat.isDirectory()) {
      closed.add(name);
      if (above == null && !stat.isWhiteout()) {
        shown.put(name, new Shown(file, stat, List.of()));
      }
      return;
    }
    if (above == null) {
      above = new Shown(file, stat, new ArrayList<>());
      shown.put(name, above);
    }
    above.directories().add(file);
    if (FileStat.isOpaque(file)) {
      closed.add(name);
    }
  }
}
