package dev.waybill.noderunner.layer;

import dev.waybill.noderunner.layer.TarEntry.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/** Makes one file after another of a layer in its directory. */
final class LayerTree {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final String AUFS = ".wh..wh.";
  private static final int S_IFIFO = 0010000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFBLK = 0060000;
  private static final int PERMISSIONS = 0777;

  private final LinuxFiles files;
  private final OpenDirectories directories;
  private final FileOwnership ownership;
  private final LateAttributes late = new LateAttributes();
  private final Set<String> whiteouts = new HashSet<>();

  LayerTree(LinuxFiles files, OpenDirectories directories, FileOwnership ownership) {
    this.files = files;
    this.directories = directories;
    this.ownership = ownership;
  }

  /** Makes this file; content is read from {@code reader}. */
  void add(TarEntry entry, TarReader reader) throws IOException {
    String path = RawName.normalised(entry.path());
    if (path.isEmpty()) {
      root(entry);
      return;
    }
    String parent = RawName.parent(path);
    String name = RawName.last(path);
    if (name.startsWith(WHITEOUT)) {
      whiteout(parent, name);
      return;
    }
    try {
      make(entry, parent, name, reader);
    } catch (SyscallException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      replace(path);
      make(entry, parent, name, reader);
    }
  }

  private void root(TarEntry entry) throws LayerRefusedException {
    if (entry.kind() != Kind.DIRECTORY) {
      throw LayerRefusedException.malformed("the root of the layer is not a directory");
    }
    late.add("", entry);
  }

  private void make(TarEntry entry, String parent, String name, TarReader reader)
      throws IOException {
    String path = parent.isEmpty() ? name : parent + "/" + name;
    int directory = directories.directory(parent);
    switch (entry.kind()) {
      case DIRECTORY -> makeDirectory(entry, path, directory, name);
      case FILE -> makeFile(entry, directory, name, reader);
      case SYMBOLIC_LINK -> {
        files.makeSymbolicLink(directory, name, entry.link());
        ownership.applyToLink(directory, name, entry);
      }
      case HARD_LINK -> makeHardLink(entry, directory, name);
      case CHARACTER_DEVICE -> makeNode(entry, directory, name, S_IFCHR);
      case BLOCK_DEVICE -> makeNode(entry, directory, name, S_IFBLK);
      case FIFO -> makeNode(entry, directory, name, S_IFIFO);
    }
  }

  private void makeNode(TarEntry entry, int directory, String name, int type) throws IOException {
    files.makeNode(
        directory, name, type | entry.mode() & PERMISSIONS, entry.major(), entry.minor());
    ownership.applyToNode(directory, name, entry);
  }

  private void makeFile(TarEntry entry, int directory, String name, TarReader reader)
      throws IOException {
    int file = files.createFile(directory, name, entry.mode() & PERMISSIONS);
    try {
      if (entry.sparse() == null) {
        for (ByteBuffer piece = reader.content(); piece != null; piece = reader.content()) {
          files.write(file, piece);
        }
      } else {
        writeSparse(file, entry.sparse(), reader);
      }
      ownership.applyToFile(file, directory, name, entry);
    } finally {
      files.close(file);
    }
  }

  private void writeSparse(int file, SparseMap map, TarReader reader) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(0);
    for (SparseMap.Segment segment : map.segments()) {
      files.seek(file, segment.offset());
      for (long left = segment.length(); left > 0; ) {
        if (!piece.hasRemaining()) {
          piece = reader.content();
          if (piece == null) {
            throw new EOFException("a sparse file has less content than its map");
          }
        }
        int count = (int) Math.min(left, piece.remaining());
        files.write(file, piece.slice(piece.position(), count));
        piece.position(piece.position() + count);
        left -= count;
      }
    }
    files.truncate(file, map.size());
  }

  /** A directory that is there already is given the attributes of its last entry. */
  private void makeDirectory(TarEntry entry, String path, int directory, String name)
      throws IOException {
    boolean hidesLower = whiteouts.contains(path);
    if (hidesLower || !isDirectory(directory, name)) {
      files.makeDirectory(directory, name, entry.mode() & PERMISSIONS);
    }
    late.add(path, entry);
  }

  private boolean isDirectory(int directory, String name) throws IOException {
    try {
      files.close(files.openDirectory(directory, name));
      return true;
    } catch (SyscallException e) {
      return switch (e.errno()) {
        case ENOENT, ENOTDIR, ELOOP -> false;
        default -> throw e;
      };
    }
  }

  private void makeHardLink(TarEntry entry, int directory, String name) throws IOException {
    String target = RawName.normalised(entry.link());
    if (target.isEmpty()) {
      throw LayerRefusedException.malformed(
          "hard link '" + RawName.shown(entry.path()) + "' to the root");
    }
    int from = directories.existing(RawName.parent(target));
    try {
      files.makeHardLink(from, RawName.last(target), directory, name);
    } catch (SyscallException e) {
      if (e.errno() == Errno.EEXIST) {
        throw e;
      }
      throw LayerRefusedException.malformed(
          "hard link '"
              + RawName.shown(entry.path())
              + "' to '"
              + RawName.shown(target)
              + "', which is no file of this layer ("
              + e.errno()
              + ")");
    }
  }

  /** Removes what is at this path, so that a later entry can take its place. */
  private void replace(String path) throws IOException {
    directories.forget(); // What is open under this name won't be what the name means.
    int directory = directories.directory(RawName.parent(path));
    String name = RawName.last(path);
    boolean wasWhiteout = whiteouts.remove(path);
    try {
      files.removeFile(directory, name);
    } catch (SyscallException e) {
      if (e.errno() != Errno.EISDIR && e.errno() != Errno.EPERM) {
        throw e;
      }
      TreeRemoval.remove(files, directories.directory(RawName.parent(path)), name);
      late.forget(path);
      whiteouts.removeIf(other -> other.startsWith(path + "/"));
    }
    if (wasWhiteout) {
      late.opaque(path); // What is below is still gone, and this may become a directory.
    }
  }

  private void whiteout(String parent, String name) throws IOException {
    if (name.equals(OPAQUE)) {
      directories.directory(parent);
      late.opaque(parent);
      return;
    }
    if (name.startsWith(AUFS)) {
      return; // Book-keeping of a file system that layers once came from.
    }
    String hidden = name.substring(WHITEOUT.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw LayerRefusedException.malformed("whiteout of '" + RawName.shown(hidden) + "'");
    }
    String path = parent.isEmpty() ? hidden : parent + "/" + hidden;
    int directory = directories.directory(parent);
    try {
      files.makeWhiteout(directory, hidden);
      whiteouts.add(path);
    } catch (SyscallException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      // The layer has its own file of that name, which hides the lower one by itself; only a
      // directory would be merged with it.
      late.opaque(path);
    }
  }

  /** Gives directories what would not have outlived the making of their entries. */
  void finish() throws IOException {
    late.apply(files, directories, ownership);
  }
}
