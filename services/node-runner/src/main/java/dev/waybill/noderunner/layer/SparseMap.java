package dev.waybill.noderunner.layer;

import dev.waybill.noderunner.layer.UnpackOutcome.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the content of a sparse file goes: what lies between is a hole.
 *
 * @param size of the file
 * @param segments in ascending order; their lengths make up the content in the archive
 * @see <a href="https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html">GNU tar,
 *     storing sparse files</a>
 */
record SparseMap(long size, List<Segment> segments) {
  private static final int SEGMENTS_MAX = 100_000;
  private static final int HEADER_SEGMENTS = 4;
  private static final int HEADER_AT = 386;
  private static final int BLOCK_SEGMENTS = 21;
  private static final int SEGMENT_BYTES = 24;
  private static final int NUMBER_BYTES = 12;
  private static final int HEADER_MORE_AT = 482;
  private static final int BLOCK_MORE_AT = 504;
  private static final int SIZE_AT = 483;

  /** Bytes that are in the archive. */
  record Segment(long offset, long length) {}

  /** Gives one number after the other, or the next block. */
  interface Numbers {
    long next() throws IOException;
  }

  /** Gives the block that follows. */
  interface Blocks {
    TarHeaderBlock next() throws IOException;
  }

  /** The oldest form: in the header, and in blocks after it. */
  static SparseMap ofHeader(TarHeaderBlock header, Blocks blocks) throws IOException {
    var segments = new ArrayList<Segment>();
    add(segments, header, HEADER_AT, HEADER_SEGMENTS);
    boolean more = header.block()[HEADER_MORE_AT] != 0;
    while (more) {
      TarHeaderBlock block = blocks.next();
      add(segments, block, 0, BLOCK_SEGMENTS);
      more = block.block()[BLOCK_MORE_AT] != 0;
    }
    return new SparseMap(header.number(SIZE_AT, NUMBER_BYTES), segments);
  }

  private static void add(List<Segment> segments, TarHeaderBlock block, int at, int count)
      throws LayerRefusedException {
    for (int i = 0; i < count; i++) {
      int begin = at + i * SEGMENT_BYTES;
      if (block.block()[begin] == 0) {
        return;
      }
      add(
          segments,
          block.number(begin, NUMBER_BYTES),
          block.number(begin + NUMBER_BYTES, NUMBER_BYTES));
    }
  }

  /** Version 0.1: offsets and lengths in the extended header, with commas between. */
  static SparseMap ofText(String map, long size) throws LayerRefusedException {
    var segments = new ArrayList<Segment>();
    String[] numbers = map.isEmpty() ? new String[0] : map.split(",", -1);
    if (numbers.length % 2 != 0) {
      throw LayerRefusedException.malformed("a sparse map of " + numbers.length + " numbers");
    }
    try {
      for (int i = 0; i < numbers.length; i += 2) {
        add(segments, Long.parseLong(numbers[i]), Long.parseLong(numbers[i + 1]));
      }
    } catch (NumberFormatException e) {
      throw LayerRefusedException.malformed("a sparse map holds what is no number");
    }
    return new SparseMap(size, segments);
  }

  /** Version 1.0: before the content, their count first. */
  static SparseMap ofNumbers(Numbers numbers, long size) throws IOException {
    var segments = new ArrayList<Segment>();
    for (long left = numbers.next(); left > 0; left--) {
      add(segments, numbers.next(), numbers.next());
    }
    return new SparseMap(size, segments);
  }

  private static void add(List<Segment> segments, long offset, long length)
      throws LayerRefusedException {
    if (segments.size() == SEGMENTS_MAX) {
      throw new LayerRefusedException(
          Reason.OVER_LIMIT, "a sparse file has more than " + SEGMENTS_MAX + " pieces");
    }
    segments.add(new Segment(offset, length));
  }

  /** Refuses a map that doesn't fit the content, or a file over the limit. */
  void requireFits(long contentBytes, long sizeMax) throws LayerRefusedException {
    long end = 0;
    long bytes = 0;
    for (Segment segment : segments) {
      if (segment.offset() < end || segment.length() < 0 || segment.length() > contentBytes) {
        throw LayerRefusedException.malformed("the pieces of a sparse file overlap");
      }
      end = segment.offset() + segment.length();
      bytes += segment.length();
    }
    if (end < 0 || end > size || bytes != contentBytes) {
      throw LayerRefusedException.malformed("the map of a sparse file doesn't fit its content");
    }
    if (size > sizeMax) {
      throw new LayerRefusedException(
          Reason.OVER_LIMIT, "a sparse file of " + size + " bytes is over the limit of " + sizeMax);
    }
  }
}
