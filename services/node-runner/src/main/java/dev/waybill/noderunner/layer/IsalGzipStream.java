package dev.waybill.noderunner.layer;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.ZipException;

/**
 * What is packed in a gzip stream of one or several members, inflated by ISA-L. Reads, refuses and
 * ends as {@link java.util.zip.GZIPInputStream} does: what follows a member and is no member is
 * left out.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1952">RFC 1952</a>
 */
final class IsalGzipStream extends InputStream {
  private static final int LOOKED_AHEAD_MAX = 8;
  private static final int MAGIC = 0x8b1f;
  private static final int DEFLATE = 8;
  private static final int HEADER_CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  /** A header and a trailer without anything in between: no member is as short. */
  private static final int MEMBER_BYTES_MIN = 19;

  private enum Where {
    BEFORE_HEADER,
    IN_MEMBER,
    AT_END,
    CLOSED
  }

  private final InputStream in;
  private final IsalInflater inflater;
  // What was read and not yet used lies from position to limit; in front there is room to put back.
  private final byte[] packed = new byte[LOOKED_AHEAD_MAX + IsalInflater.INPUT_BYTES];
  private int position = LOOKED_AHEAD_MAX;
  private int limit = LOOKED_AHEAD_MAX;
  private Where where = Where.BEFORE_HEADER;
  private long memberBytes;

  IsalGzipStream(InputStream in, IsalLibrary library) {
    this.in = in;
    this.inflater = new IsalInflater(library);
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (true) {
      switch (where) {
        case CLOSED -> throw new IOException("stream closed");
        case AT_END -> {
          return -1;
        }
        case BEFORE_HEADER -> begin();
        case IN_MEMBER -> {
          if (inflater.ready() > 0) {
            int count = inflater.take(target, offset, length);
            memberBytes += count;
            return count;
          }
          advance();
        }
      }
    }
  }

  private void begin() throws IOException {
    readHeader();
    inflater.begin();
    memberBytes = 0;
    where = Where.IN_MEMBER;
  }

  /** Inflates some more, or ends the member. */
  private void advance() throws IOException {
    if (inflater.isFinished()) {
      readTrailer();
      where = Where.AT_END;
      if (fill(MEMBER_BYTES_MIN)) {
        beginNext();
      }
      return;
    }
    inflater.inflate();
    if (inflater.isFinished()) {
      putBack();
    } else if (inflater.ready() == 0 && inflater.unused() == 0) {
      feed();
    }
  }

  private void beginNext() throws IOException {
    try {
      begin();
    } catch (ZipException | EOFException e) {
      where = Where.AT_END; // No member, but something that was appended: left out.
    }
  }

  private void feed() throws IOException {
    if (position == limit && !fill(1)) {
      throw new EOFException("gzip stream ends in the middle of a member");
    }
    inflater.feed(packed, position, Math.min(limit - position, IsalInflater.INPUT_BYTES));
    position += inflater.unused();
  }

  private void putBack() {
    position -= inflater.unused();
    byte[] ahead = inflater.lookedAhead();
    position -= ahead.length;
    System.arraycopy(ahead, 0, packed, position, ahead.length);
  }

  /** Has at least {@code count} bytes ready, unless the stream ends before. */
  private boolean fill(int count) throws IOException {
    if (packed.length - position < count || position == limit) {
      System.arraycopy(packed, position, packed, LOOKED_AHEAD_MAX, limit - position);
      limit += LOOKED_AHEAD_MAX - position;
      position = LOOKED_AHEAD_MAX;
    }
    while (limit - position < count) {
      int read = in.read(packed, limit, packed.length - limit);
      if (read < 0) {
        return false;
      }
      limit += read;
    }
    return true;
  }

  private void readHeader() throws IOException {
    CRC32 sum = new CRC32();
    if (nextShort(sum) != MAGIC) {
      throw new ZipException("not in gzip format");
    }
    int method = next(sum);
    if (method != DEFLATE) {
      throw new ZipException("unsupported compression method " + method + " of gzip");
    }
    int flags = next(sum);
    skip(6, sum);
    if ((flags & EXTRA) != 0) {
      skip(nextShort(sum), sum);
    }
    if ((flags & NAME) != 0) {
      skipText(sum);
    }
    if ((flags & COMMENT) != 0) {
      skipText(sum);
    }
    if ((flags & HEADER_CHECKSUM) != 0) {
      int actual = (int) sum.getValue() & 0xffff;
      if (nextShort(sum) != actual) {
        throw new ZipException("corrupt gzip header");
      }
    }
  }

  private void readTrailer() throws IOException {
    CRC32 unchecked = new CRC32();
    long checksum = nextInt(unchecked);
    long bytes = nextInt(unchecked);
    if (checksum != inflater.checksum() || bytes != (memberBytes & 0xffffffffL)) {
      throw new ZipException("corrupt gzip trailer");
    }
  }

  private void skip(int count, CRC32 sum) throws IOException {
    for (int i = 0; i < count; i++) {
      next(sum);
    }
  }

  private void skipText(CRC32 sum) throws IOException {
    while (next(sum) != 0) {
      // A text ends with a zero.
    }
  }

  private long nextInt(CRC32 sum) throws IOException {
    return nextShort(sum) | (long) nextShort(sum) << 16;
  }

  private int nextShort(CRC32 sum) throws IOException {
    return next(sum) | next(sum) << 8;
  }

  private int next(CRC32 sum) throws IOException {
    if (position == limit && !fill(1)) {
      throw new EOFException("gzip stream ends in a header or trailer");
    }
    int value = packed[position++] & 0xff;
    sum.update(value);
    return value;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public void close() throws IOException {
    if (where != Where.CLOSED) {
      where = Where.CLOSED;
      inflater.close();
      in.close();
    }
  }
}
