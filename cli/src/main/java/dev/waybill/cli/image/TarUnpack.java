package dev.waybill.cli.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Unpacks the plain files of an image archive. Links, devices and names that lead out of the folder
 * are no part of one and are refused.
 */
final class TarUnpack {
  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final int SIZE_AT = 124;
  private static final int SIZE = 12;
  private static final int TYPE_AT = 156;
  private static final int PREFIX_AT = 345;
  private static final int PREFIX = 155;
  private static final int BUFFER = 128 * 1024;

  private final InputStream tar;
  private final Path into;

  private TarUnpack(InputStream tar, Path into) {
    this.tar = tar;
    this.into = into;
  }

  static void unpack(InputStream tar, Path into) throws IOException {
    var unpack = new TarUnpack(tar, into);
    while (unpack.entry()) {}
  }

  private boolean entry() throws IOException {
    byte[] header = tar.readNBytes(BLOCK);
    if (header.length < BLOCK || header[0] == 0) {
      return false;
    }
    String prefix = text(header, PREFIX_AT, PREFIX);
    String name = (prefix.isEmpty() ? "" : prefix + "/") + text(header, 0, NAME);
    long size = size(header);
    switch ((char) header[TYPE_AT]) {
      case '0', 0 -> file(name, size);
      case '5' -> skip(size);
      // Headers of PAX only repeat what image archives say in plain ones.
      case 'x', 'g' -> skip(padded(size));
      // Older "docker save" names a layer twice by a link, and needs it by one name only.
      case '1', '2' -> skip(size);
      default ->
          throw new IOException(
              "'%s' is of kind '%c', image archives have files only"
                  .formatted(name, header[TYPE_AT]));
    }
    return true;
  }

  private static String text(byte[] header, int at, int length) {
    int end = at;
    while (end < at + length && header[end] != 0) {
      end++;
    }
    return new String(header, at, end - at, StandardCharsets.UTF_8).strip();
  }

  private static long size(byte[] header) throws IOException {
    if (header[SIZE_AT] < 0) { // Base 256, for what eleven octal digits can't say.
      long size = 0;
      for (int i = SIZE_AT + 4; i < SIZE_AT + SIZE; i++) {
        size = size << 8 | header[i] & 0xff;
      }
      return size;
    }
    try {
      return Long.parseLong(text(header, SIZE_AT, SIZE), 8);
    } catch (NumberFormatException e) {
      throw new IOException("this is no tar archive", e);
    }
  }

  private static long padded(long size) {
    return (size + BLOCK - 1) / BLOCK * BLOCK;
  }

  private void file(String name, long size) throws IOException {
    Path target = into.resolve(name).normalize();
    if (!target.startsWith(into) || target.equals(into)) {
      throw new IOException("'%s' leads out of the archive".formatted(name));
    }
    Files.createDirectories(target.getParent());
    try (OutputStream out = Files.newOutputStream(target)) {
      byte[] buffer = new byte[BUFFER];
      for (long left = size; left > 0; ) {
        int count = tar.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (count < 0) {
          throw new IOException("the archive ends within '%s'".formatted(name));
        }
        out.write(buffer, 0, count);
        left -= count;
      }
    }
    skip(padded(size) - size);
  }

  private void skip(long bytes) throws IOException {
    tar.skipNBytes(bytes);
  }
}
