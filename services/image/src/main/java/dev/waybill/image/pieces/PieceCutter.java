package dev.waybill.image.pieces;

import dev.waybill.image.pieces.PieceTable.Piece;
import dev.waybill.kernel.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a layer where its packer began anew. In the order of the archive it is told what is in the
 * bytes that follow, and where the next piece begins.
 */
final class PieceCutter {
  private final long end;
  private final int piecesMax;
  private final List<Piece> pieces = new ArrayList<>();
  private final MessageDigest said = Digest.sha256();
  private long start;
  private boolean isKnown = true;

  /**
   * @param end of the last piece
   */
  PieceCutter(long end, int piecesMax) {
    this.end = end;
    this.piecesMax = piecesMax;
  }

  /** This is in the piece at hand. */
  void describe(String what) {
    byte[] text = what.getBytes(StandardCharsets.UTF_8);
    // With its length before it, so that two texts can't be taken for one.
    said.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, text.length));
    said.update(text);
  }

  /** Something is in the piece at hand of which the table doesn't say what. */
  void describeNothing() {
    isKnown = false;
  }

  /**
   * The packer began anew at this offset. Where nothing lies between, the piece at hand goes on.
   */
  void cut(long offset) throws MalformedTableException {
    if (offset < start || offset > end) {
      throw new MalformedTableException(
          "a piece ends at byte %d, it began at %d and the layer's content ends at %d"
              .formatted(offset, start, end));
    }
    if (offset == start) {
      return;
    }
    if (pieces.size() == piecesMax) {
      throw new MalformedTableException("more than " + piecesMax + " pieces");
    }
    ByteBuffer key = ByteBuffer.wrap(said.digest());
    pieces.add(isKnown ? new Piece(offset, key.getLong(), key.getLong()) : Piece.unknown(offset));
    start = offset;
    isKnown = true;
  }

  PieceTable finish() throws MalformedTableException {
    cut(end);
    return new PieceTable(pieces);
  }
}
