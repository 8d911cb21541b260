package dev.waybill.noderunner.layer;

import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * One entry of an archive as its headers say it, nothing checked but that they can be read.
 *
 * @param kind what it is
 * @param path raw, see {@link RawName}
 * @param link raw target of a link, else empty
 * @param mode permissions with set-user-id, set-group-id and sticky bits
 * @param uid owner
 * @param gid group
 * @param size bytes of content that follow
 * @param mtimeSeconds last change, since 1970
 * @param mtimeNanos rest of it
 * @param major of a device
 * @param minor of a device
 * @param attributes extended ones by their full name
 * @param sparse where the content goes, if not one piece after the other
 */
record TarEntry(
    Kind kind,
    String path,
    String link,
    int mode,
    long uid,
    long gid,
    long size,
    long mtimeSeconds,
    int mtimeNanos,
    int major,
    int minor,
    SortedMap<String, byte[]> attributes,
    @Nullable SparseMap sparse) {

  enum Kind {
    FILE,
    DIRECTORY,
    SYMBOLIC_LINK,
    HARD_LINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    FIFO
  }
}
