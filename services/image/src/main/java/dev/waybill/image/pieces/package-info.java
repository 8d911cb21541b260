/**
 * Layers that can be fetched in pieces: zstd:chunked and eStargz. Decides which bytes of such a
 * layer are taken from layers that are here, and which are fetched.
 *
 * <p>In: what a manifest says of a layer ({@link dev.waybill.image.pieces.TableClaim}), the layer's
 * last bytes, and the tables of layers that are here ({@link dev.waybill.image.pieces.PieceTable}).
 * Out: {@link dev.waybill.image.pieces.FetchPlan}. Limits: {@link
 * dev.waybill.image.pieces.PieceLimits}.
 *
 * <p>A table is somebody else's word, and nothing is believed because of it: a plan is a guess at
 * which bytes are equal, and the layer that comes of it counts only if its digest is the right one.
 * A table that makes no sense is no fault of the image, which is fetched as a whole then.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.pieces;
