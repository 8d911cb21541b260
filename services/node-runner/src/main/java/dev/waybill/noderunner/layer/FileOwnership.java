package dev.waybill.noderunner.layer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Gives files their owner, mode, attributes and time, in the order in which one doesn't undo the
 * other: a change of owner clears set-user-id and capabilities, and everything changes nothing but
 * the time last. A call that would change nothing isn't made: there are millions of files.
 */
final class FileOwnership {
  private static final int PERMISSIONS = 0777;
  private static final long ID_MAX = 0xffff_fffeL;

  private final LinuxFiles files;
  private final int umask;

  FileOwnership(LinuxFiles files) throws IOException {
    this.files = files;
    this.umask = processUmask();
  }

  private static int processUmask() throws IOException {
    Optional<String> line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(text -> text.startsWith("Umask:"))
            .findFirst();
    return line.isEmpty()
        ? PERMISSIONS // Unknown: then every mode is set.
        : Integer.parseInt(line.get().substring("Umask:".length()).strip(), 8);
  }

  void applyToFile(int file, int directory, String name, TarEntry entry) throws IOException {
    requireIds(entry);
    if (entry.uid() != 0 || entry.gid() != 0) {
      files.changeOwner(file, entry.uid(), entry.gid());
    }
    if (isModeChanged(entry)) {
      files.changeMode(file, entry.mode());
    }
    setAttributes(directory, name, entry);
    files.changeTime(file, entry.mtimeSeconds(), entry.mtimeNanos());
  }

  void applyToLink(int directory, String name, TarEntry entry) throws IOException {
    requireIds(entry);
    if (entry.uid() != 0 || entry.gid() != 0) {
      files.changeOwner(directory, name, entry.uid(), entry.gid());
    }
    setAttributes(directory, name, entry);
    files.changeTime(directory, name, entry.mtimeSeconds(), entry.mtimeNanos());
  }

  /** For directories, devices and fifos. */
  void applyToNode(int directory, String name, TarEntry entry) throws IOException {
    requireIds(entry);
    if (entry.uid() != 0 || entry.gid() != 0) {
      files.changeOwner(directory, name, entry.uid(), entry.gid());
    }
    files.changeMode(directory, name, entry.mode());
    setAttributes(directory, name, entry);
    files.changeTime(directory, name, entry.mtimeSeconds(), entry.mtimeNanos());
  }

  private boolean isModeChanged(TarEntry entry) {
    int made = entry.mode() & PERMISSIONS & ~umask;
    return made != entry.mode();
  }

  private static void requireIds(TarEntry entry) throws LayerRefusedException {
    if (entry.uid() < 0 || entry.uid() > ID_MAX || entry.gid() < 0 || entry.gid() > ID_MAX) {
      throw LayerRefusedException.malformed(
          "owner "
              + entry.uid()
              + ":"
              + entry.gid()
              + " of '"
              + RawName.shown(entry.path())
              + "' is no owner");
    }
  }

  private void setAttributes(int directory, String name, TarEntry entry) throws IOException {
    for (Map.Entry<String, byte[]> attribute : entry.attributes().entrySet()) {
      if (isForLayers(attribute.getKey())) {
        setAttribute(directory, name, attribute.getKey(), attribute.getValue());
      }
    }
  }

  /** {@code trusted} ones speak to overlayfs, other {@code security} ones to this host's policy. */
  static boolean isForLayers(String attribute) {
    return attribute.startsWith("user.")
        || attribute.equals("security.capability")
        || attribute.startsWith("system.posix_acl_");
  }

  private void setAttribute(int directory, String name, String attribute, byte[] value)
      throws IOException {
    try {
      files.setAttribute(directory, name, attribute, value);
    } catch (SyscallException e) {
      boolean dispensable = !attribute.equals("security.capability");
      // The file system has no such attributes, or not for this kind of file.
      if (!dispensable || e.errno() != Errno.ENOTSUP && e.errno() != Errno.EPERM) {
        throw e;
      }
    }
  }
}
