package dev.waybill.image.pieces;

import dev.waybill.oci.image.Descriptor;
import java.util.Optional;

/**
 * What a manifest says of a layer's table of contents. The table is among the layer's last bytes,
 * its tail; where the tail begins is known from the claim, or from a footer.
 */
public sealed interface TableClaim permits ZstdChunked, Stargz {
  /** What is claimed of this layer, if anything, and if it makes sense. */
  static Optional<TableClaim> of(Descriptor layer) {
    Optional<TableClaim> zstd = ZstdChunked.of(layer).map(TableClaim.class::cast);
    return zstd.isPresent() ? zstd : Stargz.of(layer).map(TableClaim.class::cast);
  }

  /** Bytes at the end of the layer that say where its tail begins; 0 if the claim says it. */
  int footerBytes();

  /**
   * Offset of the tail's first byte.
   *
   * @param footer the last {@link #footerBytes()} of the layer
   * @param size of the layer
   */
  long tailStart(byte[] footer, long size) throws MalformedTableException;

  /**
   * The pieces before the tail.
   *
   * @param tail all bytes from {@code tailStart} on
   * @throws MalformedTableException if it isn't the table that was claimed, or makes no sense
   */
  PieceTable read(byte[] tail, long tailStart, PieceLimits limits) throws MalformedTableException;

  /** Whether pieces of the other may be the same as pieces of this. */
  default boolean isLike(TableClaim other) {
    return getClass() == other.getClass();
  }
}
