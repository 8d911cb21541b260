package dev.waybill.noderunner.layer;

import dev.waybill.noderunner.layer.TarEntry.Kind;
import dev.waybill.noderunner.layer.UnpackOutcome.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads an archive entry by entry: POSIX with its extended headers, and GNU with its long names.
 * Java's libraries read extended headers as text, which spoils attributes like {@code
 * security.capability}, so this one is our own.
 */
final class TarReader {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int DIGITS_MAX = 18;

  private final InputStream in;
  private final UnpackLimits limits;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;
  private long contentLeft;
  private int padding;
  private PaxRecords global = PaxRecords.NONE;

  TarReader(InputStream in, UnpackLimits limits) {
    this.in = in;
    this.limits = limits;
  }

  /** The next entry, or null at the end of the archive; what is left of the last one is skipped. */
  @Nullable TarEntry next() throws IOException {
    skip(contentLeft + padding);
    contentLeft = 0;
    padding = 0;
    PaxRecords pax = PaxRecords.NONE;
    Optional<String> longName = Optional.empty();
    Optional<String> longLink = Optional.empty();
    while (true) {
      TarHeaderBlock header = header();
      if (header == null) {
        return null;
      }
      switch (header.type()) {
        case 'x' -> pax = PaxRecords.parse(extra(header));
        case 'g' -> global = PaxRecords.parse(extra(header));
        case 'L' -> longName = Optional.of(terminated(extra(header)));
        case 'K' -> longLink = Optional.of(terminated(extra(header)));
        default -> {
          return entry(header, pax, longName, longLink);
        }
      }
    }
  }

  private TarEntry entry(
      TarHeaderBlock header, PaxRecords pax, Optional<String> longName, Optional<String> longLink)
      throws IOException {
    String path =
        pax.text("GNU.sparse.name")
            .or(() -> pax.text("path"))
            .or(() -> longName)
            .or(() -> global.text("path"))
            .orElse(header.name());
    Kind kind = kind(header.type(), path, pax);
    long size = pax.number("size").orElse(header.size());
    if (size < 0) {
      throw LayerRefusedException.malformed("negative size of '" + RawName.shown(path) + "'");
    }
    SparseMap sparse = null;
    if (kind == Kind.FILE) {
      sparse = begin(header, pax, size);
    } // Some writers give links the size of what they point to, but no content follows.
    String time = pax.text("mtime").orElse("");
    BigDecimal mtime = time.isEmpty() ? BigDecimal.valueOf(header.mtime()) : decimal(time);
    BigDecimal seconds = mtime.setScale(0, RoundingMode.FLOOR);
    return new TarEntry(
        kind,
        path,
        pax.text("linkpath").or(() -> longLink).orElse(header.link()),
        header.mode(),
        pax.number("uid").orElse(header.uid()),
        pax.number("gid").orElse(header.gid()),
        kind == Kind.FILE ? size : 0,
        seconds.longValue(),
        mtime.subtract(seconds).movePointRight(9).intValue(),
        isDevice(kind) ? header.major() : 0,
        isDevice(kind) ? header.minor() : 0,
        pax.extendedAttributes(),
        sparse);
  }

  /** Content follows, after the map of a sparse file where that isn't in the headers. */
  private @Nullable SparseMap begin(TarHeaderBlock header, PaxRecords pax, long size)
      throws IOException {
    SparseMap map = null;
    if (header.type() == 'S') {
      map = SparseMap.ofHeader(header, this::block);
      begin(size);
    } else if (pax.text("GNU.sparse.major").isPresent()) {
      begin(size);
      map = SparseMap.ofNumbers(this::numberLine, pax.number("GNU.sparse.realsize").orElse(-1L));
      skipContent(
          (TarHeaderBlock.SIZE - (size - contentLeft) % TarHeaderBlock.SIZE) % TarHeaderBlock.SIZE);
    } else if (pax.text("GNU.sparse.map").isPresent()) {
      begin(size);
      String text = pax.text("GNU.sparse.map").orElse("");
      map = SparseMap.ofText(text, pax.number("GNU.sparse.size").orElse(-1L));
    } else {
      begin(size);
    }
    if (map != null) {
      map.requireFits(contentLeft, limits.bytesMax());
    }
    return map;
  }

  private TarHeaderBlock block() throws IOException {
    byte[] block = new byte[TarHeaderBlock.SIZE];
    readFully(block);
    return new TarHeaderBlock(block);
  }

  /** A decimal number of the content, up to the end of its line. */
  private long numberLine() throws IOException {
    var digits = new StringBuilder();
    byte[] one = new byte[1];
    while (contentLeft > 0 && digits.length() <= DIGITS_MAX) {
      readFully(one);
      contentLeft--;
      if (one[0] == '\n' && !digits.isEmpty()) {
        return Long.parseLong(digits.toString());
      }
      if (one[0] < '0' || one[0] > '9') {
        break;
      }
      digits.append((char) one[0]);
    }
    throw LayerRefusedException.malformed("the map of a sparse file holds what is no number");
  }

  private void skipContent(long count) throws IOException {
    if (count > contentLeft) {
      throw LayerRefusedException.malformed("a sparse file ends within its map");
    }
    skip(count);
    contentLeft -= count;
  }

  private static boolean isDevice(Kind kind) {
    return kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE;
  }

  private static BigDecimal decimal(String text) throws LayerRefusedException {
    // A handful of characters at most: a huge exponent would be a huge number.
    if (!text.matches("-?[0-9]{1,18}(\\.[0-9]{0,30})?")) {
      throw LayerRefusedException.malformed("no time: '" + RawName.shown(text) + "'");
    }
    return new BigDecimal(text.endsWith(".") ? text + "0" : text);
  }

  private static Kind kind(char type, String path, PaxRecords pax) throws LayerRefusedException {
    if (pax.isOldestSparse()) {
      throw LayerRefusedException.malformed(
          "'"
              + RawName.shown(path)
              + "' is stored sparse in a form that loses its pieces, use --sparse-version=1.0");
    }
    return switch (type) {
      case 'S' -> Kind.FILE;
      case '0', '\0', '7' -> path.endsWith("/") ? Kind.DIRECTORY : Kind.FILE;
      case '1' -> Kind.HARD_LINK;
      case '2' -> Kind.SYMBOLIC_LINK;
      case '3' -> Kind.CHARACTER_DEVICE;
      case '4' -> Kind.BLOCK_DEVICE;
      case '5' -> Kind.DIRECTORY;
      case '6' -> Kind.FIFO;
      default ->
          throw LayerRefusedException.malformed(
              "'" + RawName.shown(path) + "' is of unknown type '" + type + "'");
    };
  }

  /** The next piece of the entry's content, or null when there is no more. */
  @Nullable ByteBuffer content() throws IOException {
    if (contentLeft == 0) {
      return null;
    }
    if (position == limit) {
      fill();
    }
    int count = (int) Math.min(contentLeft, limit - position);
    ByteBuffer piece = ByteBuffer.wrap(buffer, position, count);
    position += count;
    contentLeft -= count;
    return piece;
  }

  /** Reads what follows the end of the archive: it is part of what is hashed. */
  void drain() throws IOException {
    while (in.read(buffer) >= 0) {
      position = limit;
    }
  }

  private void begin(long size) {
    contentLeft = size;
    int rest = (int) (size % TarHeaderBlock.SIZE);
    padding = rest == 0 ? 0 : TarHeaderBlock.SIZE - rest;
  }

  private @Nullable TarHeaderBlock header() throws IOException {
    if (position == limit && !refill()) {
      return null; // Some writers leave the two blocks at the end out.
    }
    byte[] block = new byte[TarHeaderBlock.SIZE];
    readFully(block);
    TarHeaderBlock header = new TarHeaderBlock(block);
    if (header.isZero()) {
      return null;
    }
    header.requireChecksum();
    return header;
  }

  private byte[] extra(TarHeaderBlock header) throws IOException {
    long size = header.size();
    if (size < 0 || size > limits.headerBytesMax()) {
      throw new LayerRefusedException(
          Reason.OVER_LIMIT,
          "an extended header of "
              + size
              + " bytes is over the limit of "
              + limits.headerBytesMax());
    }
    begin(size);
    byte[] body = new byte[(int) size];
    readFully(body);
    skip(padding);
    contentLeft = 0;
    padding = 0;
    return body;
  }

  private static String terminated(byte[] body) {
    int end = 0;
    while (end < body.length && body[end] != 0) {
      end++;
    }
    return RawName.of(body, 0, end);
  }

  private void readFully(byte[] target) throws IOException {
    for (int done = 0; done < target.length; ) {
      if (position == limit) {
        fill();
      }
      int count = Math.min(target.length - done, limit - position);
      System.arraycopy(buffer, position, target, done, count);
      position += count;
      done += count;
    }
  }

  private void skip(long count) throws IOException {
    for (long left = count; left > 0; ) {
      if (position == limit) {
        fill();
      }
      int step = (int) Math.min(left, limit - position);
      position += step;
      left -= step;
    }
  }

  private void fill() throws IOException {
    if (!refill()) {
      throw new EOFException("the archive ends in the middle of an entry");
    }
  }

  private boolean refill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer));
    return limit > 0;
  }
}
