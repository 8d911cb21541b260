package dev.waybill.image.pieces;

import dev.waybill.kernel.Digest;

/**
 * A layer that is here.
 *
 * @param blob its digest
 * @param table its pieces
 */
public record HeldLayer(Digest blob, PieceTable table) {}
