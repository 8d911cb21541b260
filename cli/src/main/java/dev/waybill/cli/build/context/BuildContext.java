package dev.waybill.cli.build.context;

import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files of a directory, as entries by their path below it. They belong to root and have no time
 * of change: who checked them out, and when, is no part of an image.
 */
public final class BuildContext {
  private static final int MODE = 07777;

  private final TreeMap<String, LayerEntry> entries = new TreeMap<>();

  private BuildContext() {}

  /**
   * Reads the names; contents are read when they are used.
   *
   * @param ignored text of a {@code .dockerignore}, empty where there is none
   */
  public static BuildContext of(Path directory, String ignored) throws IOException {
    var context = new BuildContext();
    context.read(directory, "", ignored.isEmpty() ? IgnoreRules.NONE : IgnoreRules.parse(ignored));
    return context;
  }

  private void read(Path directory, String path, IgnoreRules rules) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        String name = String.valueOf(child.getFileName());
        String childPath = path.isEmpty() ? name : path + "/" + name;
        boolean ignored = rules.ignores(childPath);
        if (!ignored) {
          add(child, childPath);
        }
        boolean looksInside = !ignored || rules.takesBack();
        if (looksInside && Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
          read(child, childPath, rules);
        }
      }
    }
  }

  private void add(Path file, String path) throws IOException {
    var mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    FileAttributes attributes = FileAttributes.ofMode(mode & MODE);
    if (Files.isSymbolicLink(file)) {
      entries.put(
          path,
          new LayerEntry.SymbolicLink(path, attributes, Files.readSymbolicLink(file).toString()));
    } else if (Files.isDirectory(file)) {
      entries.put(path, new LayerEntry.Directory(path, attributes));
    } else if (Files.isRegularFile(file)) {
      entries.put(path, new LayerEntry.RegularFile(path, attributes, new Content(file)));
    }
    // Sockets and devices are nothing to copy.
  }

  /** All entries by their path. */
  public Map<String, LayerEntry> entries() {
    return entries;
  }

  /**
   * The paths that a source of COPY names; the empty path is the whole.
   *
   * @throws IllegalArgumentException where it leads out of the context
   */
  public List<String> matching(String source) {
    return matching(entries, source);
  }

  /** The same for any tree of entries. */
  public static List<String> matching(Map<String, LayerEntry> entries, String source) {
    String path = Path.of("/" + source).normalize().toString().substring(1);
    if (Path.of(source.startsWith("/") ? source.substring(1) : source)
        .normalize()
        .startsWith("..")) {
      throw new IllegalArgumentException("'" + source + "' leads out of what may be copied");
    }
    if (path.isEmpty() || entries.containsKey(path)) {
      return List.of(path);
    }
    var found = new ArrayList<String>();
    if (path.chars().anyMatch(c -> c == '*' || c == '?' || c == '[')) {
      var pattern = new PathPattern(path);
      entries.keySet().stream().filter(pattern::matches).forEach(found::add);
    }
    return found;
  }

  private record Content(Path file) implements FileContent {
    @Override
    public long size() {
      try {
        return Files.size(file);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file, e);
      }
    }

    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(file);
    }
  }
}
