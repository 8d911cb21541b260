package dev.waybill.oci.image;

/**
 * Upper bounds for what we read of an image. Documents beyond them are refused before they cost
 * memory or disk.
 *
 * @param documentBytesMax bytes of a manifest or an index
 * @param configBytesMax bytes of an image configuration
 * @param layersMax layers of one manifest; overlayfs takes no more either
 * @param indexEntriesMax entries of one index
 * @param layerBytesMax compressed bytes of one layer
 */
public record ImageLimits(
    int documentBytesMax,
    int configBytesMax,
    int layersMax,
    int indexEntriesMax,
    long layerBytesMax) {
  private static final int MIB = 1 << 20;

  /** What every part of Waybill uses unless it is told otherwise. */
  public static final ImageLimits DEFAULT = new ImageLimits(4 * MIB, 8 * MIB, 128, 1024, 64L << 30);
}
