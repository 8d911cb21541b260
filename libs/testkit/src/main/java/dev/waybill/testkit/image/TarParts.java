package dev.waybill.testkit.image;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An archive taken apart, so that contents can be packed one by one. */
final class TarParts {
  private static final int BLOCK = 512;

  private TarParts() {}

  /**
   * An entry of the archive.
   *
   * @param headerStart offset of its first block, extended headers included
   * @param contentStart offset of its content
   * @param contentEnd offset of the first byte after it
   */
  record Part(
      String name,
      char type,
      String link,
      long mode,
      long modified,
      int headerStart,
      int contentStart,
      int contentEnd) {
    int size() {
      return contentEnd - contentStart;
    }

    /** Offset of the next entry's first block. */
    int end() {
      return contentStart + (size() + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** As a table of contents calls it. */
    String kind() {
      return switch (type) {
        case '1' -> "hardlink";
        case '2' -> "symlink";
        case '3' -> "char";
        case '4' -> "block";
        case '5' -> "dir";
        case '6' -> "fifo";
        default -> "reg";
      };
    }
  }

  static List<Part> of(byte[] tar) {
    List<Part> parts = new ArrayList<>();
    int headerStart = 0;
    for (int at = 0; at + BLOCK <= tar.length && tar[at] != 0; ) {
      int size = (int) octal(tar, at + 124, 11);
      char type = (char) tar[at + 156];
      int content = at + BLOCK;
      if (type != 'x' && type != 'g') {
        parts.add(
            new Part(
                text(tar, at, 100),
                type,
                text(tar, at + 157, 100),
                octal(tar, at + 100, 7),
                octal(tar, at + 136, 11),
                headerStart,
                content,
                content + size));
      }
      at = content + (size + BLOCK - 1) / BLOCK * BLOCK;
      headerStart = type == 'x' || type == 'g' ? headerStart : at;
    }
    return parts;
  }

  private static String text(byte[] tar, int offset, int length) {
    String whole = new String(tar, offset, length, StandardCharsets.UTF_8);
    int end = whole.indexOf('\0');
    return end < 0 ? whole : whole.substring(0, end);
  }

  private static long octal(byte[] tar, int offset, int length) {
    String digits = new String(tar, offset, length, StandardCharsets.US_ASCII).strip();
    return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
  }
}
