package dev.waybill.noderunner.layer;

import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a container wrote, as a layer: the upper directory of an overlay with its whiteouts (devices
 * 0:0) and opaque directories said as layers say them.
 *
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#representing-changes">
 *     image-spec, representing changes</a>
 * @see <a href="https://docs.kernel.org/filesystems/overlayfs.html">overlayfs</a>
 */
public final class UpperTree {
  private static final int KIND = 0170000;
  private static final int MODE = 07777;
  private static final int SOCKET = 0140000;
  private static final int LINK = 0120000;
  private static final int FILE = 0100000;
  private static final int BLOCK = 0060000;
  private static final int DIRECTORY = 0040000;
  private static final int CHARACTER = 0020000;
  private static final int FIFO = 0010000;
  private static final String OPAQUE = "trusted.overlay.opaque";
  private static final Set<String> ELSEWHERE =
      Set.of("trusted.overlay.redirect", "trusted.overlay.metacopy");

  private final Set<String> mountPoints;
  private final Instant notAfter;
  private final List<LayerEntry> entries = new ArrayList<>();
  private final Map<Object, String> firstNames = new HashMap<>();

  private UpperTree(Set<String> mountPoints, Instant notAfter) {
    this.mountPoints = mountPoints;
    this.notAfter = notAfter;
  }

  /**
   * Reads it; the content of files is opened when the layer is written.
   *
   * @param mountPoints absolute paths inside at which something was mounted: what stands there
   *     empty was made for that only, and is left out
   * @param notAfter later times of change are set back to this
   * @throws IOException where a file cannot be said in a layer, or cannot be read
   */
  public static List<LayerEntry> read(Path upper, Set<String> mountPoints, Instant notAfter)
      throws IOException {
    var tree = new UpperTree(mountPoints, notAfter);
    tree.directory(upper, "");
    return List.copyOf(tree.entries);
  }

  /** Adds what is in this directory; whether all of it was made for mounts. */
  private boolean directory(Path directory, String path) throws IOException {
    SortedMap<String, Path> children = new TreeMap<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path child : stream) {
        children.put(name(child), child);
      }
    }
    int before = entries.size();
    for (Map.Entry<String, Path> child : children.entrySet()) {
      add(child.getValue(), path.isEmpty() ? child.getKey() : path + "/" + child.getKey());
    }
    return !children.isEmpty() && entries.size() == before;
  }

  private static String name(Path file) throws IOException {
    String raw = RawName.of(file);
    byte[] bytes = RawName.bytes(raw.substring(raw.lastIndexOf('/') + 1));
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("the name of '" + file + "' is not UTF-8, rename or remove it", e);
    }
  }

  private void add(Path file, String path) throws IOException {
    Map<String, Object> stat = Files.readAttributes(file, "unix:*", LinkOption.NOFOLLOW_LINKS);
    int mode = number(stat, "mode").intValue();
    int kind = mode & KIND;
    long device = number(stat, "rdev").longValue();
    if (kind == CHARACTER && device == 0) {
      entries.add(LayerEntry.whiteout(path));
      return;
    }
    if (kind == SOCKET) {
      return; // Nobody listens on it in a new container, and archives have no such thing.
    }
    boolean shared = kind != DIRECTORY && number(stat, "nlink").intValue() > 1;
    String first = shared ? firstNames.putIfAbsent(value(stat, "fileKey"), path) : null;
    FileAttributes attributes = attributes(file, stat, mode);
    if (first != null) {
      entries.add(new LayerEntry.HardLink(path, attributes, first));
      return;
    }
    switch (kind) {
      case DIRECTORY -> addDirectory(file, path, attributes);
      case FILE -> addFile(file, path, attributes);
      case LINK ->
          entries.add(
              new LayerEntry.SymbolicLink(
                  path, attributes, utf8(Files.readSymbolicLink(file), path)));
      case FIFO -> entries.add(new LayerEntry.Fifo(path, attributes));
      default -> {
        var of = kind == BLOCK ? LayerEntry.Device.Kind.BLOCK : LayerEntry.Device.Kind.CHARACTER;
        entries.add(new LayerEntry.Device(path, attributes, of, major(device), minor(device)));
      }
    }
  }

  private void addDirectory(Path file, String path, FileAttributes attributes) throws IOException {
    for (String attribute : ELSEWHERE) {
      if (ExtendedAttributes.get(file, attribute).isPresent()) {
        throw new IOException(
            "directory '/%s' was renamed from below (%s): copy it instead of renaming it"
                .formatted(path, attribute));
      }
    }
    int at = entries.size();
    boolean forMountsOnly = directory(file, path);
    boolean opaque = ExtendedAttributes.get(file, OPAQUE).isPresent();
    boolean empty = entries.size() == at && !forMountsOnly;
    if (forMountsOnly || empty && mountPoints.contains("/" + path)) {
      return;
    }
    entries.add(at, new LayerEntry.Directory(path, attributes));
    if (opaque) {
      entries.add(at + 1, LayerEntry.opaque(path));
    }
  }

  private void addFile(Path file, String path, FileAttributes attributes) throws IOException {
    long size = Files.size(file);
    if (size == 0 && mountPoints.contains("/" + path)) {
      return;
    }
    entries.add(new LayerEntry.RegularFile(path, attributes, new Content(file, size)));
  }

  private FileAttributes attributes(Path file, Map<String, Object> stat, int mode)
      throws IOException {
    Instant modified = ((FileTime) value(stat, "lastModifiedTime")).toInstant();
    SortedMap<String, byte[]> extended = new TreeMap<>(ExtendedAttributes.all(file));
    extended.keySet().removeIf(name -> !FileOwnership.isForLayers(name));
    return new FileAttributes(
        mode & MODE,
        number(stat, "uid").longValue() & 0xffff_ffffL,
        number(stat, "gid").longValue() & 0xffff_ffffL,
        modified.isAfter(notAfter) ? notAfter : modified,
        extended);
  }

  private static String utf8(Path target, String path) throws IOException {
    // Not by its bytes: as a URI it would be made absolute.
    String text = target.toString();
    if (text.indexOf('\ufffd') >= 0) {
      throw new IOException("the target of link '/" + path + "' is not UTF-8");
    }
    return text;
  }

  private static Number number(Map<String, Object> stat, String name) {
    return (Number) value(stat, name);
  }

  private static Object value(Map<String, Object> stat, String name) {
    return Objects.requireNonNull(stat.get(name));
  }

  private static int major(long device) {
    return (int) (device >> 8 & 0xfff | device >> 32 & ~0xfffL);
  }

  private static int minor(long device) {
    return (int) (device & 0xff | device >> 12 & ~0xffL);
  }

  private record Content(Path file, long size) implements FileContent {
    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
    }
  }
}
