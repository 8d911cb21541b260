package dev.waybill.cli.build;

import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/** Entries of archives as entries of layers. They have no time of change. */
final class TarEntries {
  private static final int MODE = 07777;
  private static final String ATTRIBUTE = "SCHILY.xattr.";

  private TarEntries() {}

  /** The path without leading slashes, dots and a trailing slash; the root is empty. */
  static String path(TarArchiveEntry entry) {
    return normal(entry.getName());
  }

  /** What a hard link leads to. */
  static String linkPath(TarArchiveEntry entry) {
    return normal(entry.getLinkName());
  }

  private static String normal(String name) {
    return Path.of("/", name).normalize().toString().substring(1);
  }

  static FileAttributes attributes(TarArchiveEntry entry) {
    SortedMap<String, byte[]> extended = new TreeMap<>();
    entry
        .getExtraPaxHeaders()
        .forEach(
            (name, value) -> {
              // Values come as text; one that isn't is lost, and better that than changed.
              if (name.startsWith(ATTRIBUTE) && value.indexOf('\ufffd') < 0) {
                extended.put(
                    name.substring(ATTRIBUTE.length()), value.getBytes(StandardCharsets.UTF_8));
              }
            });
    return new FileAttributes(
        entry.getMode() & MODE,
        entry.getLongUserId(),
        entry.getLongGroupId(),
        Instant.EPOCH,
        extended);
  }

  /** A hard link is given by who reads the archive: here its content isn't known. */
  static LayerEntry of(
      TarArchiveEntry entry, String path, FileAttributes attributes, FileContent content) {
    if (entry.isDirectory()) {
      return new LayerEntry.Directory(path, attributes);
    }
    if (entry.isSymbolicLink()) {
      return new LayerEntry.SymbolicLink(path, attributes, entry.getLinkName());
    }
    if (entry.isLink()) {
      return new LayerEntry.HardLink(path, attributes, linkPath(entry));
    }
    if (entry.isFIFO()) {
      return new LayerEntry.Fifo(path, attributes);
    }
    if (entry.isCharacterDevice() || entry.isBlockDevice()) {
      var kind =
          entry.isBlockDevice() ? LayerEntry.Device.Kind.BLOCK : LayerEntry.Device.Kind.CHARACTER;
      return new LayerEntry.Device(
          path, attributes, kind, entry.getDevMajor(), entry.getDevMinor());
    }
    return new LayerEntry.RegularFile(path, attributes, content);
  }
}
