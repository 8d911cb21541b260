package dev.waybill.noderunner.layer;

/**
 * Upper bounds for one layer, against archives that unpack to far more than they look like.
 *
 * @param entriesMax files of all kinds
 * @param bytesMax bytes of the unpacked archive
 * @param headerBytesMax bytes of the extra headers of one entry: long names, extended attributes
 */
public record UnpackLimits(long entriesMax, long bytesMax, int headerBytesMax) {
  /** What nodes use unless they are told otherwise. */
  public static final UnpackLimits DEFAULT = new UnpackLimits(4_000_000, 64L << 30, 1 << 20);
}
