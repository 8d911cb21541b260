package dev.waybill.noderunner.layer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What directories get at the very end: times, which every new entry changes; modes, which may
 * forbid entries or pass a group on; and opacity, since only at the end it is known what is a
 * directory.
 */
final class LateAttributes {
  private static final String OPAQUE = "trusted.overlay.opaque";
  private static final byte[] YES = "y".getBytes(StandardCharsets.US_ASCII);

  private final TreeMap<String, TarEntry> directories = new TreeMap<>();
  private final TreeSet<String> opaque = new TreeSet<>();

  void add(String path, TarEntry entry) {
    directories.put(path, entry);
  }

  void opaque(String path) {
    opaque.add(path);
  }

  /** The directory and all below it are gone. */
  void forget(String path) {
    String below = path + "/";
    directories.remove(path);
    directories.subMap(below, path + "0").clear(); // '0' is the character after the slash.
    opaque.remove(path);
    opaque.subSet(below, path + "0").clear();
  }

  void apply(LinuxFiles files, OpenDirectories open, FileOwnership ownership) throws IOException {
    for (String path : opaque) {
      int parent = open.existing(RawName.parent(path));
      String name = path.isEmpty() ? "." : RawName.last(path);
      if (isDirectory(files, parent, name)) {
        files.setAttribute(parent, name, OPAQUE, YES);
      }
    }
    // The deepest first: a directory may forbid the way to those below it.
    for (Map.Entry<String, TarEntry> entry : directories.descendingMap().entrySet()) {
      String path = entry.getKey();
      int parent = open.existing(RawName.parent(path));
      ownership.applyToNode(parent, path.isEmpty() ? "." : RawName.last(path), entry.getValue());
    }
  }

  private static boolean isDirectory(LinuxFiles files, int parent, String name) throws IOException {
    try {
      files.close(files.openDirectory(parent, name));
      return true;
    } catch (SyscallException e) {
      return switch (e.errno()) {
        case ENOENT, ENOTDIR, ELOOP -> false;
        default -> throw e;
      };
    }
  }
}
