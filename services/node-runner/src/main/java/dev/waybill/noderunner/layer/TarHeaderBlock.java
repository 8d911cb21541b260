package dev.waybill.noderunner.layer;

/**
 * The 512 bytes before an entry: fixed places for numbers and names, in the dialects of POSIX and
 * GNU.
 */
record TarHeaderBlock(byte[] block) {
  static final int SIZE = 512;

  private static final int CHECKSUM_OFFSET = 148;
  private static final int CHECKSUM_LENGTH = 8;

  boolean isZero() {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** Refuses what isn't a header; old writers summed signed bytes. */
  void requireChecksum() throws LayerRefusedException {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < SIZE; i++) {
      boolean own = i >= CHECKSUM_OFFSET && i < CHECKSUM_OFFSET + CHECKSUM_LENGTH;
      byte b = own ? (byte) ' ' : block[i];
      unsigned += b & 0xff;
      signed += b;
    }
    long said = number(CHECKSUM_OFFSET, CHECKSUM_LENGTH);
    if (said != unsigned && said != signed) {
      throw LayerRefusedException.malformed("not a tar header: its checksum is wrong");
    }
  }

  char type() {
    return (char) (block[156] & 0xff);
  }

  String name() {
    String name = text(0, 100);
    String prefix = isUstar() ? text(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  /** GNU tar's magic goes on with spaces and has other things where the prefix would be. */
  private boolean isUstar() {
    return text(257, 6).equals("ustar") && block[262] == 0;
  }

  String link() {
    return text(157, 100);
  }

  int mode() throws LayerRefusedException {
    return (int) number(100, 8) & 07777;
  }

  long uid() throws LayerRefusedException {
    return number(108, 8);
  }

  long gid() throws LayerRefusedException {
    return number(116, 8);
  }

  long size() throws LayerRefusedException {
    return number(124, 12);
  }

  long mtime() throws LayerRefusedException {
    return number(136, 12);
  }

  int major() throws LayerRefusedException {
    return (int) number(329, 8);
  }

  int minor() throws LayerRefusedException {
    return (int) number(337, 8);
  }

  private String text(int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return RawName.of(block, offset, end - offset);
  }

  /** Octal digits, or a big number in base 256 where the first bit is set. */
  long number(int offset, int length) throws LayerRefusedException {
    if ((block[offset] & 0x80) != 0) {
      return base256(offset, length);
    }
    long value = 0;
    boolean digits = false;
    for (int i = offset; i < offset + length; i++) {
      byte b = block[i];
      if (b == ' ' && !digits) {
        continue;
      }
      if (b == 0 || b == ' ') {
        break;
      }
      if (b < '0' || b > '7') {
        throw LayerRefusedException.malformed("not an octal number in a tar header");
      }
      digits = true;
      value = value << 3 | b - '0';
    }
    return value;
  }

  private long base256(int offset, int length) throws LayerRefusedException {
    boolean negative = (block[offset] & 0x40) != 0;
    long value = negative ? -1 : 0;
    for (int i = offset; i < offset + length; i++) {
      int b = i == offset && !negative ? block[i] & 0x7f : block[i] & 0xff;
      if (value > Long.MAX_VALUE >> 8 || value < Long.MIN_VALUE >> 8) {
        throw LayerRefusedException.malformed("a number in a tar header is too large");
      }
      value = value << 8 | b;
    }
    return value;
  }
}
