package dev.waybill.oci.layer;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a file has besides its content.
 *
 * @param mode permissions with set-user-id, set-group-id and sticky bits, 0 to 07777
 * @param uid owner
 * @param gid group
 * @param modified time of the last change
 * @param extended attributes by their full name, for example {@code security.capability}
 */
public record FileAttributes(
    int mode, long uid, long gid, Instant modified, SortedMap<String, byte[]> extended) {

  public FileAttributes {
    if (mode < 0 || mode > 07777) {
      throw new IllegalArgumentException("mode out of range 0..07777: " + mode);
    }
    if (uid < 0 || gid < 0) {
      throw new IllegalArgumentException("negative owner: " + uid + ":" + gid);
    }
    extended = Collections.unmodifiableSortedMap(new TreeMap<>(extended));
  }

  /** Owned by root, from the beginning of time: the same on every machine. */
  public static FileAttributes ofMode(int mode) {
    return new FileAttributes(mode, 0, 0, Instant.EPOCH, new TreeMap<>());
  }

  /** The same, owned by these. */
  public FileAttributes ownedBy(long user, long group) {
    return new FileAttributes(mode, user, group, modified, extended);
  }

  /** The same, last changed then. */
  public FileAttributes modifiedAt(Instant instant) {
    return new FileAttributes(mode, uid, gid, instant, extended);
  }

  /** The same, with this extended attribute too. */
  public FileAttributes with(String name, byte[] value) {
    SortedMap<String, byte[]> more = new TreeMap<>(extended);
    more.put(name, value);
    return new FileAttributes(mode, uid, gid, modified, more);
  }
}
