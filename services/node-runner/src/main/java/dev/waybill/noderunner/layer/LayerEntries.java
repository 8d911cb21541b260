package dev.waybill.noderunner.layer;

import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Files of this host said as entries of a layer, one after the other. */
final class LayerEntries {
  /** What fuse-overlayfs notes on files for itself. */
  private static final String FUSE_OVERLAYFS = "user.fuseoverlayfs.";

  private final Set<String> mountPoints;
  private final Instant notAfter;
  private final List<LayerEntry> entries = new ArrayList<>();
  private final Map<Object, String> firstNames = new HashMap<>();

  /**
   * @param mountPoints absolute paths inside at which something was mounted: what stands there
   *     empty was made for that only, and is left out
   * @param notAfter later times of change are set back to this
   */
  LayerEntries(Set<String> mountPoints, Instant notAfter) {
    this.mountPoints = mountPoints;
    this.notAfter = notAfter;
  }

  /** The last component of a file's path. */
  static String name(Path file) throws IOException {
    String raw = RawName.of(file);
    byte[] bytes = RawName.bytes(raw.substring(raw.lastIndexOf('/') + 1));
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("the name of '" + file + "' is not UTF-8, rename or remove it", e);
    }
  }

  static String below(String path, String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  int size() {
    return entries.size();
  }

  List<LayerEntry> list() {
    return List.copyOf(entries);
  }

  void addWhiteout(String path) {
    entries.add(LayerEntry.whiteout(path));
  }

  boolean isMountPoint(String path) {
    return mountPoints.contains("/" + path);
  }

  /** Adds a directory before the entries that came since {@code at}: those below it. */
  void addDirectory(int at, Path file, String path, FileStat stat, boolean opaque)
      throws IOException {
    entries.add(at, new LayerEntry.Directory(path, attributes(file, stat)));
    if (opaque) {
      entries.add(at + 1, LayerEntry.opaque(path));
    }
  }

  /** Adds anything but a directory. */
  void addFile(Path file, String path, FileStat stat) throws IOException {
    if (stat.kind() == FileStat.SOCKET) {
      return; // Nobody listens on it in a new container, and archives have no such thing.
    }
    String first = stat.isShared() ? firstNames.putIfAbsent(stat.key(), path) : null;
    FileAttributes attributes = attributes(file, stat);
    if (first != null) {
      entries.add(new LayerEntry.HardLink(path, attributes, first));
      return;
    }
    switch (stat.kind()) {
      case FileStat.FILE -> {
        if (stat.size() > 0 || !isMountPoint(path)) {
          var content = new Content(file, stat.size());
          entries.add(new LayerEntry.RegularFile(path, attributes, content));
        }
      }
      case FileStat.LINK ->
          entries.add(
              new LayerEntry.SymbolicLink(
                  path, attributes, utf8(Files.readSymbolicLink(file), path)));
      case FileStat.FIFO -> entries.add(new LayerEntry.Fifo(path, attributes));
      default -> {
        var of =
            stat.kind() == FileStat.BLOCK
                ? LayerEntry.Device.Kind.BLOCK
                : LayerEntry.Device.Kind.CHARACTER;
        entries.add(new LayerEntry.Device(path, attributes, of, stat.major(), stat.minor()));
      }
    }
  }

  private FileAttributes attributes(Path file, FileStat stat) throws IOException {
    Instant modified = stat.modified();
    return new FileAttributes(
        stat.permissions(),
        stat.uid(),
        stat.gid(),
        modified.isAfter(notAfter) ? notAfter : modified,
        extended(file));
  }

  /** The extended attributes that layers say. */
  static SortedMap<String, byte[]> extended(Path file) throws IOException {
    SortedMap<String, byte[]> extended = new TreeMap<>(ExtendedAttributes.all(file));
    extended
        .keySet()
        .removeIf(name -> !FileOwnership.isForLayers(name) || name.startsWith(FUSE_OVERLAYFS));
    return extended;
  }

  private static String utf8(Path target, String path) throws IOException {
    // Not by its bytes: as a URI it would be made absolute.
    String text = target.toString();
    if (text.indexOf('\ufffd') >= 0) {
      throw new IOException("the target of link '/" + path + "' is not UTF-8");
    }
    return text;
  }

  private record Content(Path file, long size) implements FileContent {
    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
    }
  }
}
