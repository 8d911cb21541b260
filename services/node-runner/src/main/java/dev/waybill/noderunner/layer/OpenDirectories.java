package dev.waybill.noderunner.layer;

import dev.waybill.noderunner.layer.UnpackOutcome.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Descriptors of directories below a root, opened safely and kept for the next entry, which most
 * often is in the same directory. Missing directories are made.
 */
final class OpenDirectories implements AutoCloseable {
  private static final int OPEN_MAX = 64;
  private static final int NEW_DIRECTORY_MODE = 0755;

  private final LinuxFiles files;
  private final int root;
  private final LinkedHashMap<String, Integer> open = new LinkedHashMap<>(16, 0.75f, true);

  private OpenDirectories(LinuxFiles files, int root) {
    this.files = files;
    this.root = root;
  }

  static OpenDirectories below(LinuxFiles files, Path root) throws IOException {
    return new OpenDirectories(files, files.openRoot(root));
  }

  /** The descriptor of the root itself. */
  int root() {
    return root;
  }

  /** The directory at this path, made if it is missing; good until the next call. */
  int directory(String path) throws IOException {
    if (path.isEmpty()) {
      return root;
    }
    Integer known = open.get(path);
    return known != null ? known : keep(path, openOrMake(path));
  }

  /** The directory at this path, which must be there; good until the next call. */
  int existing(String path) throws IOException {
    if (path.isEmpty()) {
      return root;
    }
    Integer known = open.get(path);
    if (known != null) {
      return known;
    }
    try {
      return keep(path, files.openDirectoryBeneath(root, path));
    } catch (SyscallException e) {
      throw refusal(path, e);
    }
  }

  private int openOrMake(String path) throws IOException {
    try {
      return files.openDirectoryBeneath(root, path);
    } catch (SyscallException e) {
      if (e.errno() != Errno.ENOENT) {
        throw refusal(path, e);
      }
    }
    String name = RawName.last(path);
    int parent = directory(RawName.parent(path));
    try {
      files.makeDirectory(parent, name, NEW_DIRECTORY_MODE);
      files.changeMode(parent, name, NEW_DIRECTORY_MODE); // Whatever the umask is.
      return files.openDirectory(parent, name);
    } catch (SyscallException e) {
      throw refusal(path, e);
    }
  }

  private static IOException refusal(String path, SyscallException e) {
    String shown = RawName.shown(path);
    return switch (e.errno()) {
      case EXDEV ->
          new LayerRefusedException(
              Reason.ESCAPE, "path '" + shown + "' leaves the layer through a symbolic link");
      case ELOOP ->
          LayerRefusedException.malformed("symbolic links in a circle at '" + shown + "'");
      case ENOENT -> LayerRefusedException.malformed("no directory '" + shown + "' in the layer");
      case ENOTDIR, EEXIST ->
          LayerRefusedException.malformed("'" + shown + "' is not a directory, but has entries");
      case ENAMETOOLONG -> LayerRefusedException.malformed("name too long: '" + shown + "'");
      default -> e;
    };
  }

  private int keep(String path, int descriptor) throws IOException {
    open.put(path, descriptor);
    if (open.size() > OPEN_MAX) {
      Iterator<Map.Entry<String, Integer>> oldest = open.entrySet().iterator();
      int closing = oldest.next().getValue();
      oldest.remove();
      files.close(closing);
    }
    return descriptor;
  }

  /** Forgets all but the root: a directory was replaced, and what is open may be gone. */
  void forget() throws IOException {
    for (int descriptor : open.values()) {
      files.close(descriptor);
    }
    open.clear();
  }

  @Override
  public void close() throws IOException {
    try {
      forget();
    } finally {
      files.close(root);
    }
  }
}
