package dev.waybill.noderunner.layer;

import dev.waybill.noderunner.layer.MergedLayers.Shown;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A tree of its own made from layers: what overlayfs would show of them, copied. Owners, modes,
 * times, extended attributes, devices, hard links and holes are kept; content that the file system
 * can share is shared.
 */
public final class TreeCopy {
  private static final int OWNER_ONLY = 0700;

  private final LinuxFiles files;
  private final ContentCopy content;
  private final FileOwnership ownership;
  private final int root;
  private final Map<Object, String> firstNames = new HashMap<>();

  private TreeCopy(LinuxFiles files, ContentCopy content, int root) throws IOException {
    this.files = files;
    this.content = content;
    this.ownership = new FileOwnership(files);
    this.root = root;
  }

  /**
   * Makes it; nothing is removed where that fails.
   *
   * @param lower directories of unpacked layers, top first
   * @param target an empty directory that nobody else writes to; its own attributes stay
   */
  public static void make(List<Path> lower, Path target) throws IOException {
    try (LinuxFiles files = new LinuxFiles();
        ContentCopy content = new ContentCopy()) {
      int root = files.openRoot(target);
      try {
        new TreeCopy(files, content, root).fill(root, "", MergedLayers.root(lower));
      } finally {
        files.close(root);
      }
    }
  }

  private void fill(int directory, String path, List<Path> merged) throws IOException {
    for (Shown shown : MergedLayers.in(merged).values()) {
      String name = RawName.last(RawName.of(shown.file()));
      String inside = path.isEmpty() ? name : path + "/" + name;
      if (shown.stat().isDirectory()) {
        addDirectory(directory, name, inside, shown);
      } else {
        addFile(directory, name, inside, shown);
      }
    }
  }

  private void addDirectory(int parent, String name, String path, Shown shown) throws IOException {
    files.makeDirectory(parent, name, OWNER_ONLY);
    int directory = files.openDirectory(parent, name);
    try {
      fill(directory, path, shown.directories());
    } finally {
      files.close(directory);
    }
    // Last: entries change the time, and modes and lists of rights are passed on to them.
    ownership.applyToNode(parent, name, entry(shown, TarEntry.Kind.DIRECTORY));
  }

  private void addFile(int directory, String name, String path, Shown shown) throws IOException {
    FileStat stat = shown.stat();
    if (stat.isShared()) {
      String first = firstNames.putIfAbsent(stat.key(), path);
      if (first != null) {
        files.makeHardLink(root, first, directory, name);
        return;
      }
    }
    switch (stat.kind()) {
      case FileStat.FILE -> addContent(directory, name, shown);
      case FileStat.LINK -> {
        files.makeSymbolicLink(directory, name, content.target(shown.file()));
        ownership.applyToLink(directory, name, entry(shown, TarEntry.Kind.SYMBOLIC_LINK));
      }
      default -> {
        files.makeNode(directory, name, stat.mode(), stat.major(), stat.minor());
        ownership.applyToNode(directory, name, entry(shown, TarEntry.Kind.FIFO));
      }
    }
  }

  private void addContent(int directory, String name, Shown shown) throws IOException {
    TarEntry entry = entry(shown, TarEntry.Kind.FILE);
    int file = files.createFile(directory, name, entry.mode() & 0777);
    try {
      content.copy(shown.file(), file, shown.stat().size());
      ownership.applyToFile(file, directory, name, entry);
    } finally {
      files.close(file);
    }
  }

  /** What {@link FileOwnership} wants to know. */
  private static TarEntry entry(Shown shown, TarEntry.Kind kind) throws IOException {
    FileStat stat = shown.stat();
    return new TarEntry(
        kind,
        RawName.of(shown.file()),
        "",
        stat.permissions(),
        stat.uid(),
        stat.gid(),
        stat.size(),
        stat.modified().getEpochSecond(),
        stat.modified().getNano(),
        stat.major(),
        stat.minor(),
        LayerEntries.extended(shown.file()),
        null);
  }
}
