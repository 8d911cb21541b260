package dev.waybill.noderunner.layer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.zip.ZipException;

/**
 * The state of one stream of deflate in ISA-L, with its buffers: memory of the process that {@link
 * #close} frees. Not for several threads at once.
 */
final class IsalInflater implements AutoCloseable {
  /** Bytes that {@link #feed} takes at once. */
  static final int INPUT_BYTES = 128 * 1024;

  private static final int OUTPUT_BYTES = 256 * 1024;
  // struct inflate_state of ISA-L 2.30, on machines with pointers of eight bytes.
  private static final long STATE_BYTES = 87368;
  private static final long NEXT_OUT = 0;
  private static final long AVAIL_OUT = 8;
  private static final long NEXT_IN = 16;
  private static final long READ_IN = 24;
  private static final long AVAIL_IN = 32;
  private static final long READ_IN_LENGTH = 36;
  private static final long BLOCK_STATE = 21160;
  private static final long CRC_FLAG = 21172;
  private static final long CRC = 21176;
  private static final int BLOCK_FINISH = 5;

  /** The sum over what comes out is kept; header and trailer are ours to read. */
  private static final int GZIP_NO_HEADER = 2;

  // Vector instructions may touch what is behind a buffer, and a state that is larger than we think
  // must not reach into something else's memory.
  private static final long MARGIN_BYTES = 4096;

  private final IsalLibrary library;
  private final Arena arena = Arena.ofShared(); // Opened, read and closed by different threads.
  private final MemorySegment state = arena.allocate(2 * STATE_BYTES + INPUT_BYTES, 64);
  private final MemorySegment input = arena.allocate(INPUT_BYTES + MARGIN_BYTES, 64);
  private final MemorySegment output = arena.allocate(OUTPUT_BYTES + MARGIN_BYTES, 64);
  private int produced;
  private int taken;

  IsalInflater(IsalLibrary library) {
    this.library = library;
  }

  /** Begins a stream. */
  void begin() {
    library.init(state);
    state.set(JAVA_INT, CRC_FLAG, GZIP_NO_HEADER);
    state.set(JAVA_INT, AVAIL_IN, 0);
    produced = 0;
    taken = 0;
  }

  /** Gives it more; all of what it was given before must be used. */
  void feed(byte[] packed, int offset, int length) {
    MemorySegment.copy(packed, offset, input, JAVA_BYTE, 0, length);
    state.set(ADDRESS, NEXT_IN, input);
    state.set(JAVA_INT, AVAIL_IN, length);
  }

  /** Bytes of what it was fed with that it hasn't looked at. */
  int unused() {
    return state.get(JAVA_INT, AVAIL_IN);
  }

  /** Bytes that wait in {@link #take}. */
  int ready() {
    return produced - taken;
  }

  /** Inflates on; everything that was ready must be taken. */
  void inflate() throws ZipException {
    state.set(ADDRESS, NEXT_OUT, output);
    state.set(JAVA_INT, AVAIL_OUT, OUTPUT_BYTES);
    int before = unused();
    int result = library.inflate(state);
    produced = OUTPUT_BYTES - state.get(JAVA_INT, AVAIL_OUT);
    taken = 0;
    if (result != 0) {
      throw new ZipException("invalid deflate data (" + reason(result) + ")");
    }
    if (before > 0 && before == unused() && produced == 0 && !isFinished()) {
      throw new ZipException("invalid deflate data (nothing comes of it)");
    }
  }

  private static String reason(int result) {
    return switch (result) {
      case -1 -> "block";
      case -2 -> "symbol";
      case -3 -> "distance too far back";
      default -> "error " + result;
    };
  }

  /** Moves what is ready to {@code target}, at most {@code length} bytes; how many. */
  int take(byte[] target, int offset, int length) {
    int count = Math.min(length, ready());
    MemorySegment.copy(output, JAVA_BYTE, taken, target, offset, count);
    taken += count;
    return count;
  }

  /** Whether the stream came to its end, and all of it came out. */
  boolean isFinished() {
    return state.get(JAVA_INT, BLOCK_STATE) == BLOCK_FINISH;
  }

  /** CRC-32 of what came out. */
  long checksum() {
    return Integer.toUnsignedLong(state.get(JAVA_INT, CRC));
  }

  /**
   * Bytes behind the end of the stream that were looked at, to be read again before what is {@link
   * #unused}; at most eight.
   */
  byte[] lookedAhead() {
    int bits = state.get(JAVA_INT, READ_IN_LENGTH);
    long word = state.get(JAVA_LONG, READ_IN) >>> bits % 8;
    byte[] bytes = new byte[bits / 8];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (word >>> 8 * i);
    }
    return bytes;
  }

  @Override
  public void close() {
    arena.close();
  }
}
