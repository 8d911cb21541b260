package dev.waybill.cli.build;

import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The files of an image by their paths, layer over layer. Contents stay in the layers until they
 * are asked for.
 *
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md">image-spec,
 *     layers</a>
 */
final class ImageTree {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final int LINKS_MAX = 40;

  private final TreeMap<String, LayerEntry> entries = new TreeMap<>();
  private final Map<String, Integer> layerOf = new HashMap<>();
  private final List<Source> layers = new ArrayList<>();

  /** Gives a layer's archive, unpacked. */
  interface Source {
    InputStream open() throws IOException;
  }

  /** Content that is still in a layer, under the path that the archive gives it. */
  private record Stored(int layer, String path, long size) implements FileContent {
    @Override
    public InputStream open() throws IOException {
      throw new IOException("the content of '" + path + "' was not loaded");
    }
  }

  /** Another that begins as this one is. */
  ImageTree copy() {
    var copy = new ImageTree();
    copy.entries.putAll(entries);
    copy.layerOf.putAll(layerOf);
    copy.layers.addAll(layers);
    return copy;
  }

  /** Puts a layer on top. */
  void add(Source layer) throws IOException {
    int number = layers.size();
    layers.add(layer);
    try (var tar = new TarArchiveInputStream(layer.open())) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        add(number, entry);
      }
    }
  }

  private void add(int layer, TarArchiveEntry entry) {
    String path = TarEntries.path(entry);
    String name = path.substring(path.lastIndexOf('/') + 1);
    String parent = path.substring(0, Math.max(0, path.lastIndexOf('/')));
    if (path.isEmpty()) {
      return;
    }
    if (name.equals(OPAQUE)) {
      removeBelow(parent, layer);
    } else if (name.startsWith(WHITEOUT)) {
      String hidden = name.substring(WHITEOUT.length());
      String gone = parent.isEmpty() ? hidden : parent + "/" + hidden;
      if (layerOf.getOrDefault(gone, layer) < layer) {
        remove(gone);
      }
      removeBelow(gone, layer);
    } else {
      put(layer, path, entry);
    }
  }

  private void put(int layer, String path, TarArchiveEntry entry) {
    FileAttributes attributes = TarEntries.attributes(entry);
    LayerEntry made =
        entry.isLink()
            ? linked(path, TarEntries.linkPath(entry))
            : TarEntries.of(entry, path, attributes, new Stored(layer, path, entry.getRealSize()));
    if (!(made instanceof LayerEntry.Directory)) {
      removeBelow(path, layer + 1);
    }
    entries.put(path, made);
    layerOf.put(path, layer);
  }

  /** A second name of a file is a file like the first, with the same content. */
  private LayerEntry linked(String path, String target) {
    return switch (entries.get(target)) {
      case LayerEntry.RegularFile first ->
          new LayerEntry.RegularFile(path, first.attributes(), first.content());
      case LayerEntry.SymbolicLink first ->
          new LayerEntry.SymbolicLink(path, first.attributes(), first.target());
      case null, default ->
          throw new IllegalStateException(
              "a layer has the hard link '%s' to '%s', which is no file".formatted(path, target));
    };
  }

  private void remove(String path) {
    entries.remove(path);
    layerOf.remove(path);
  }

  /** Removes what layers before {@code layer} have below a directory. */
  private void removeBelow(String path, int layer) {
    List<String> gone =
        below(path).keySet().stream().filter(p -> layerOf.getOrDefault(p, 0) < layer).toList();
    gone.forEach(this::remove);
  }

  private NavigableMap<String, LayerEntry> below(String path) {
    return path.isEmpty() ? entries : entries.subMap(path + "/", false, path + "0", false);
  }

  /** All files; a regular one must be {@linkplain #load loaded} before it is read. */
  Map<String, LayerEntry> entries() {
    return entries;
  }

  Optional<LayerEntry> entry(String path) {
    return Optional.ofNullable(entries.get(path));
  }

  /** Whether a directory is there; the root always is. */
  boolean isDirectory(String path) {
    return path.isEmpty()
        || entries.get(path) instanceof LayerEntry.Directory
        || !below(path).isEmpty();
  }

  /**
   * Where a path leads when symbolic links are followed, relative to the root; what isn't there
   * stays as it is said.
   */
  String resolve(String path) {
    Deque<String> todo = new ArrayDeque<>(List.of(path.split("/")));
    Deque<String> done = new ArrayDeque<>();
    int links = 0;
    while (!todo.isEmpty()) {
      String next = todo.pop();
      if (next.isEmpty() || next.equals(".")) {
        continue;
      }
      if (next.equals("..")) {
        done.pollLast();
        continue;
      }
      done.addLast(next);
      if (entries.get(String.join("/", done)) instanceof LayerEntry.SymbolicLink link) {
        if (++links > LINKS_MAX) {
          throw new IllegalArgumentException("'" + path + "' has symbolic links in a circle");
        }
        done.pollLast();
        if (link.target().startsWith("/")) {
          done.clear();
        }
        List.of(link.target().split("/")).reversed().forEach(todo::push);
      }
    }
    return String.join("/", done);
  }

  /** The same entries, with contents that can be read. */
  List<LayerEntry> load(List<LayerEntry> wanted, Workspace workspace) throws IOException {
    Map<Integer, Set<String>> byLayer = new TreeMap<>();
    for (LayerEntry entry : wanted) {
      if (entry instanceof LayerEntry.RegularFile file && file.content() instanceof Stored stored) {
        byLayer.computeIfAbsent(stored.layer(), ignored -> new HashSet<>()).add(stored.path());
      }
    }
    Map<Integer, Map<String, FileContent>> kept = new HashMap<>();
    for (Map.Entry<Integer, Set<String>> layer : byLayer.entrySet()) {
      Source source = layers.get(layer.getKey());
      kept.put(layer.getKey(), contents(source, layer.getValue(), workspace));
    }
    return wanted.stream().map(entry -> loaded(entry, kept)).toList();
  }

  private static LayerEntry loaded(LayerEntry entry, Map<Integer, Map<String, FileContent>> kept) {
    if (entry instanceof LayerEntry.RegularFile file && file.content() instanceof Stored stored) {
      FileContent content = kept.getOrDefault(stored.layer(), Map.of()).get(stored.path());
      return new LayerEntry.RegularFile(
          file.path(), file.attributes(), Objects.requireNonNull(content, stored.path()));
    }
    return entry;
  }

  private static Map<String, FileContent> contents(
      Source layer, Set<String> wanted, Workspace workspace) throws IOException {
    Map<String, FileContent> kept = new HashMap<>();
    try (var tar = new TarArchiveInputStream(layer.open())) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String path = TarEntries.path(entry);
        if (entry.isFile() && !entry.isLink() && wanted.contains(path)) {
          kept.put(path, workspace.keep(tar));
        }
      }
    }
    return kept;
  }
}
