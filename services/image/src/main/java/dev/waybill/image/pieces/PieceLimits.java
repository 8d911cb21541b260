package dev.waybill.image.pieces;

/**
 * Upper bounds for layers that are fetched in pieces; beyond them a layer is fetched as a whole.
 *
 * @param layerBytesMin smaller layers are fetched as a whole, one request is faster
 * @param tailBytesMax bytes from a layer's table of contents to its end, packed
 * @param tableBytesMax the table unpacked
 * @param entryBytesMax what one entry of the table says
 * @param entriesMax of a table
 * @param piecesMax of one layer
 * @param heldLayersMax layers that are here and looked through for one that is fetched
 * @param heldPiecesMax pieces of these that are kept in memory, over all layers
 * @param requestsMax ranges that are asked for, for one layer
 * @param joinBytes two ranges with so many bytes between them, or fewer, are asked for as one
 */
public record PieceLimits(
    long layerBytesMin,
    int tailBytesMax,
    int tableBytesMax,
    int entryBytesMax,
    int entriesMax,
    int piecesMax,
    int heldLayersMax,
    int heldPiecesMax,
    int requestsMax,
    long joinBytes) {

  /** What the service uses. */
  public static final PieceLimits DEFAULT =
      new PieceLimits(
          128 << 10, 8 << 20, 64 << 20, 1 << 20, 1_000_000, 300_000, 8, 600_000, 128, 64 << 10);
}
