package dev.waybill.oci.layer;

/**
 * One file of a layer, of whatever kind. Paths are relative to the root, without a leading or a
 * trailing slash; they aren't checked here, since a reader must be tested with bad ones too.
 */
public sealed interface LayerEntry {
  /** Relative to the layer's root. */
  String path();

  /** Owner, mode and the like. */
  FileAttributes attributes();

  /** A directory. */
  record Directory(String path, FileAttributes attributes) implements LayerEntry {}

  /**
   * A file with content.
   *
   * @param content read once for every time the layer is written
   */
  record RegularFile(String path, FileAttributes attributes, FileContent content)
      implements LayerEntry {}

  /**
   * A symbolic link.
   *
   * @param target as the link holds it
   */
  record SymbolicLink(String path, FileAttributes attributes, String target)
      implements LayerEntry {}

  /**
   * Another name for a file of the same layer.
   *
   * @param target path of that file, relative to the layer's root
   */
  record HardLink(String path, FileAttributes attributes, String target) implements LayerEntry {}

  /** A named pipe. */
  record Fifo(String path, FileAttributes attributes) implements LayerEntry {}

  /** A device node. */
  record Device(String path, FileAttributes attributes, Kind kind, int major, int minor)
      implements LayerEntry {
    /** How a device is accessed. */
    public enum Kind {
      CHARACTER,
      BLOCK
    }
  }

  /** A directory with the usual rights. */
  static LayerEntry directory(String path) {
    return new Directory(path, FileAttributes.ofMode(0755));
  }

  /** A file that everyone may read. */
  static LayerEntry file(String path, String text) {
    return new RegularFile(path, FileAttributes.ofMode(0644), FileContent.of(text));
  }

  /** A file that everyone may read. */
  static LayerEntry file(String path, byte[] content) {
    return new RegularFile(path, FileAttributes.ofMode(0644), FileContent.of(content));
  }

  /** A program that everyone may run. */
  static LayerEntry program(String path, byte[] content) {
    return new RegularFile(path, FileAttributes.ofMode(0755), FileContent.of(content));
  }

  /** A symbolic link. */
  static LayerEntry symbolicLink(String path, String target) {
    return new SymbolicLink(path, FileAttributes.ofMode(0777), target);
  }

  /** Another name for {@code target}. */
  static LayerEntry hardLink(String path, String target) {
    return new HardLink(path, FileAttributes.ofMode(0644), target);
  }

  /** Says that {@code path} of a lower layer is gone. */
  static LayerEntry whiteout(String path) {
    int slash = path.lastIndexOf('/') + 1;
    return file(path.substring(0, slash) + ".wh." + path.substring(slash), "");
  }

  /** Says that what lower layers have in this directory is gone. */
  static LayerEntry opaque(String directory) {
    return file(directory + "/.wh..wh..opq", "");
  }
}
