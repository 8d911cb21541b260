package dev.waybill.noderunner.layer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@code lstat} says of a file.
 *
 * @param mode kind and permissions
 * @param device what a device file stands for, as the kernel packs it
 * @param links names that the file has; of a directory something else
 * @param key equal for names of one file
 * @param size bytes
 * @param modified last change of the content
 * @param changed last change of anything; no program can set it
 */
record FileStat(
    int mode,
    long uid,
    long gid,
    long device,
    int links,
    Object key,
    long size,
    Instant modified,
    Instant changed) {
  static final int SOCKET = 0140000;
  static final int LINK = 0120000;
  static final int FILE = 0100000;
  static final int BLOCK = 0060000;
  static final int DIRECTORY = 0040000;
  static final int CHARACTER = 0020000;
  static final int FIFO = 0010000;

  private static final int KIND = 0170000;
  private static final int PERMISSIONS = 07777;
  private static final long ID = 0xffff_ffffL;
  private static final String OPAQUE = "trusted.overlay.opaque";
  private static final String WANTED =
      "unix:mode,uid,gid,rdev,nlink,fileKey,size,lastModifiedTime,ctime";

  static FileStat of(Path file) throws IOException {
    Map<String, Object> stat = Files.readAttributes(file, WANTED, LinkOption.NOFOLLOW_LINKS);
    return new FileStat(
        number(stat, "mode").intValue(),
        number(stat, "uid").longValue() & ID,
        number(stat, "gid").longValue() & ID,
        number(stat, "rdev").longValue(),
        number(stat, "nlink").intValue(),
        value(stat, "fileKey"),
        number(stat, "size").longValue(),
        ((FileTime) value(stat, "lastModifiedTime")).toInstant(),
        ((FileTime) value(stat, "ctime")).toInstant());
  }

  private static Number number(Map<String, Object> stat, String name) {
    return (Number) value(stat, name);
  }

  private static Object value(Map<String, Object> stat, String name) {
    return Objects.requireNonNull(stat.get(name));
  }

  int kind() {
    return mode & KIND;
  }

  int permissions() {
    return mode & PERMISSIONS;
  }

  boolean isDirectory() {
    return kind() == DIRECTORY;
  }

  /** Overlayfs' "gone from here down". */
  boolean isWhiteout() {
    return kind() == CHARACTER && device == 0;
  }

  /** Whether other names, if there are any, would show the same content. */
  boolean isShared() {
    return !isDirectory() && links > 1;
  }

  int major() {
    return (int) (device >> 8 & 0xfff | device >> 32 & ~0xfffL);
  }

  int minor() {
    return (int) (device & 0xff | device >> 12 & ~0xffL);
  }

  /** Whether this directory hides what lower layers have in it. */
  static boolean isOpaque(Path directory) throws IOException {
    Optional<byte[]> value = ExtendedAttributes.get(directory, OPAQUE);
    return value.isPresent();
  }
}
