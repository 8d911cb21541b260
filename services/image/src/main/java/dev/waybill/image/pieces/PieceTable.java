package dev.waybill.image.pieces;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The pieces of a layer as it is packed, one after another from its first byte on. A piece has a
 * key: a hash over all that the table of contents says of the bytes in it. Two pieces with one key
 * and one length are very likely the same bytes; the key of a piece of which nothing is said equals
 * no other.
 *
 * <p>Kept in arrays, since a layer may have hundreds of thousands of pieces.
 */
public final class PieceTable {
  /** A layer of which nothing is known. */
  public static final PieceTable EMPTY = new PieceTable(List.of());

  private final long[] ends;
  private final long[] high;
  private final long[] low;

  /** Numbers of pieces plus one, by key and length; 0 for a free place. Its length is 2^n. */
  private final int[] places;

  /**
   * One piece, while a table is made.
   *
   * @param end offset of the first byte after it
   * @param high half of the key
   * @param low half of the key
   */
  record Piece(long end, long high, long low) {
    /** One of which nothing is said. */
    static Piece unknown(long end) {
      return new Piece(end, 0, 0);
    }
  }

  PieceTable(List<Piece> pieces) {
    int count = pieces.size();
    ends = new long[count];
    high = new long[count];
    low = new long[count];
    for (int i = 0; i < count; i++) {
      Piece piece = pieces.get(i);
      ends[i] = piece.end();
      high[i] = piece.high();
      low[i] = piece.low();
    }
    places = new int[Integer.highestOneBit(Math.max(1, count)) * 4];
    for (int i = 0; i < count; i++) {
      if (isKnown(i)) {
        int place = place(high[i], low[i], length(i));
        places[place] = places[place] == 0 ? i + 1 : places[place];
      }
    }
  }

  /** Pieces. */
  public int size() {
    return ends.length;
  }

  /** Offset of a piece's first byte. */
  long start(int piece) {
    return piece == 0 ? 0 : ends[piece - 1];
  }

  long length(int piece) {
    return ends[piece] - start(piece);
  }

  /** Bytes of all pieces. */
  long bytes() {
    return size() == 0 ? 0 : ends[size() - 1];
  }

  private boolean isKnown(int piece) {
    return high[piece] != 0 || low[piece] != 0;
  }

  /** Whether a piece of another table is very likely the same as this one. */
  boolean isSame(int piece, PieceTable other, int theirs) {
    return isKnown(piece)
        && theirs < other.size()
        && high[piece] == other.high[theirs]
        && low[piece] == other.low[theirs]
        && length(piece) == other.length(theirs);
  }

  /** The first piece here that is very likely the same as {@code theirs}; -1 if there is none. */
  int find(PieceTable other, int theirs) {
    return other.isKnown(theirs)
        ? places[place(other.high[theirs], other.low[theirs], other.length(theirs))] - 1
        : -1;
  }

  /** Where a piece with this key and length is, or could be put. */
  private int place(long wantedHigh, long wantedLow, long length) {
    int mask = places.length - 1;
    int place = (int) (wantedHigh ^ length) & mask;
    while (places[place] != 0) {
      int piece = places[place] - 1;
      if (high[piece] == wantedHigh && low[piece] == wantedLow && length(piece) == length) {
        return place;
      }
      place = (place + 1) & mask;
    }
    return place;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PieceTable table
        && Arrays.equals(ends, table.ends)
        && Arrays.equals(high, table.high)
        && Arrays.equals(low, table.low);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ends) + 31 * Arrays.hashCode(high);
  }

  @Override
  public String toString() {
    List<String> shown = new ArrayList<>();
    for (int i = 0; i < Math.min(size(), 8); i++) {
      shown.add(start(i) + "+" + length(i) + (isKnown(i) ? "" : "?"));
    }
    return size() + " pieces " + shown;
  }
}
