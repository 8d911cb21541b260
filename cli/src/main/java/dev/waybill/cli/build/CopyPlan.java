package dev.waybill.cli.build;

import dev.waybill.cli.build.context.BuildContext;
import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.LayerEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where COPY puts what: pure.
 *
 * @param target the image that is copied into
 * @param owner of what is copied and of directories that are made for it
 * @param mode of files that are copied, where it is said
 */
record CopyPlan(ImageTree target, Owner owner, Optional<Integer> mode) {

  /** User and group. */
  record Owner(long uid, long gid) {
    static final Owner ROOT = new Owner(0, 0);
  }

  /** One file on its way: where it comes from and its path in the image. */
  private record Move(LayerEntry from, String to) {}

  /**
   * The entries of the layer.
   *
   * @param from what may be copied, by paths
   * @param sources paths and patterns of it
   * @param destination absolute; a slash at its end says that it is a directory
   * @throws IllegalArgumentException where it can't be done
   */
  List<LayerEntry> entries(Map<String, LayerEntry> from, List<String> sources, String destination) {
    var chosen = new ArrayList<String>();
    for (String source : sources) {
      List<String> found = BuildContext.matching(from, source);
      if (found.isEmpty()) {
        throw new IllegalArgumentException("there is no '" + source + "' to copy");
      }
      chosen.addAll(found);
    }
    String at = target.resolve(destination);
    boolean isDirectory = destination.endsWith("/") || chosen.size() > 1 || target.isDirectory(at);
    var moves = new ArrayList<Move>();
    for (String path : chosen) {
      moves.addAll(moves(from, path, at, isDirectory));
    }
    return layer(moves, at);
  }

  private static List<Move> moves(
      Map<String, LayerEntry> from, String path, String at, boolean intoDirectory) {
    boolean whole = path.isEmpty() || from.get(path) instanceof LayerEntry.Directory;
    if (!whole) {
      String name = path.substring(path.lastIndexOf('/') + 1);
      LayerEntry file = from.get(path);
      return file == null
          ? List.of()
          : List.of(new Move(file, intoDirectory ? join(at, name) : at));
    }
    var moves = new ArrayList<Move>();
    String prefix = path.isEmpty() ? "" : path + "/";
    from.forEach(
        (name, entry) -> {
          if (name.startsWith(prefix)) {
            moves.add(new Move(entry, join(at, name.substring(prefix.length()))));
          }
        });
    return moves;
  }

  private static String join(String directory, String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }

  private List<LayerEntry> layer(List<Move> moves, String at) {
    Map<String, LayerEntry> made = new TreeMap<>();
    if (moves.isEmpty() || moves.stream().noneMatch(move -> move.to().equals(at))) {
      directory(made, at);
    }
    for (Move move : moves) {
      int slash = move.to().lastIndexOf('/');
      String parent = target.resolve("/" + move.to().substring(0, Math.max(0, slash)));
      String path = join(parent, move.to().substring(slash + 1));
      if (move.from() instanceof LayerEntry.Directory && isThere(path)) {
        directory(made, path); // It keeps its rights.
        continue;
      }
      directory(made, parent);
      made.put(path, moved(move.from(), path));
    }
    return List.copyOf(made.values());
  }

  private boolean isThere(String path) {
    return target.entry(path).orElse(null) instanceof LayerEntry.Directory;
  }

  /** Names a directory and those above it, as the image has them or new. */
  private void directory(Map<String, LayerEntry> made, String path) {
    for (int end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
      String part = end < 0 ? path : path.substring(0, end);
      if (!part.isEmpty() && !made.containsKey(part)) {
        LayerEntry there = target.entry(part).orElse(null);
        made.put(
            part,
            there instanceof LayerEntry.Directory
                ? there
                : new LayerEntry.Directory(
                    part, FileAttributes.ofMode(0755).ownedBy(owner.uid(), owner.gid())));
      }
      if (end < 0) {
        return;
      }
    }
  }

  private LayerEntry moved(LayerEntry entry, String path) {
    FileAttributes owned = entry.attributes().ownedBy(owner.uid(), owner.gid());
    return switch (entry) {
      case LayerEntry.RegularFile file ->
          new LayerEntry.RegularFile(path, withMode(owned), file.content());
      case LayerEntry.Directory _ -> new LayerEntry.Directory(path, withMode(owned));
      case LayerEntry.SymbolicLink link -> new LayerEntry.SymbolicLink(path, owned, link.target());
      case LayerEntry.Fifo _ -> new LayerEntry.Fifo(path, withMode(owned));
      case LayerEntry.Device device ->
          new LayerEntry.Device(
              path, withMode(owned), device.kind(), device.major(), device.minor());
      case LayerEntry.HardLink link ->
          throw new IllegalArgumentException("'" + link.path() + "' has lost its file");
    };
  }

  private FileAttributes withMode(FileAttributes attributes) {
    return mode.map(
            bits ->
                new FileAttributes(
                    bits,
                    attributes.uid(),
                    attributes.gid(),
                    attributes.modified(),
                    attributes.extended()))
        .orElse(attributes);
  }
}
