package dev.waybill.image.pieces;

import org.jspecify.annotations.Nullable;

/**
 * One entry of a table of contents: a file with the first part of its content, or a further part.
 *
 * @param isPart a further part of the file before it
 * @param header all that it says of the file's header in the archive
 * @param size of the whole file
 * @param offset in the packed layer where the content's packing begins; 0 without content
 * @param endOffset where the packing of the whole file's content ends; 0 if that isn't said
 * @param digest of the whole file's content
 * @param chunkSize of this part's content; 0 if it isn't said
 * @param chunkDigest of this part's content
 */
record TableEntry(
    boolean isPart,
    String header,
    long size,
    long offset,
    long endOffset,
    @Nullable String digest,
    long chunkSize,
    @Nullable String chunkDigest) {
  TableEntry {
    if (size < 0 || offset < 0 || endOffset < 0 || chunkSize < 0) {
      throw new IllegalArgumentException(
          "a negative number in an entry: size %d, offset %d, end %d, chunk %d"
              .formatted(size, offset, endOffset, chunkSize));
    }
  }

  /** What the packed content at the offset hashes to; nothing if the table doesn't say. */
  @Nullable String content() {
    if (chunkDigest != null) {
      return chunkDigest;
    }
    return !isPart && (chunkSize == 0 || chunkSize == size) ? digest : null;
  }
}
