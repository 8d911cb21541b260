package dev.waybill.oci.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The 512 bytes before an entry's content. Values that don't fit are cut here and whole in a PAX
 * header.
 */
record TarHeader(
    String name, String link, char type, FileAttributes attributes, long size, int[] device) {
  private static final int BLOCK = 512;
  private static final int NAME_LENGTH = 100;
  private static final int[] NO_DEVICE = {0, 0};
  private static final int CHECKSUM_OFFSET = 148;

  static TarHeader of(LayerEntry entry) {
    String path = entry.path();
    FileAttributes attributes = entry.attributes();
    return switch (entry) {
      case LayerEntry.Directory _ -> plain(path + "/", "", '5', attributes);
      case LayerEntry.RegularFile file ->
          new TarHeader(path, "", '0', attributes, file.content().size(), NO_DEVICE);
      case LayerEntry.SymbolicLink symbolic -> plain(path, symbolic.target(), '2', attributes);
      case LayerEntry.HardLink hard -> plain(path, hard.target(), '1', attributes);
      case LayerEntry.Fifo _ -> plain(path, "", '6', attributes);
      case LayerEntry.Device device ->
          new TarHeader(
              path,
              "",
              device.kind() == LayerEntry.Device.Kind.CHARACTER ? '3' : '4',
              attributes,
              0,
              new int[] {device.major(), device.minor()});
    };
  }

  static TarHeader pax(int bodyLength) {
    return new TarHeader(
        "PaxHeaders/entry", "", 'x', FileAttributes.ofMode(0644), bodyLength, NO_DEVICE);
  }

  private static TarHeader plain(String name, String link, char type, FileAttributes attributes) {
    return new TarHeader(name, link, type, attributes, 0, NO_DEVICE);
  }

  boolean nameFits() {
    return fitsText(name);
  }

  boolean linkFits() {
    return fitsText(link);
  }

  private static boolean fitsText(String text) {
    return text.length() <= NAME_LENGTH && text.chars().allMatch(c -> c < 128);
  }

  static boolean fitsOctal(long value, int digits) {
    return value >= 0 && value < 1L << 3 * digits;
  }

  byte[] encode() {
    byte[] block = new byte[BLOCK];
    text(block, 0, NAME_LENGTH, name);
    octal(block, 100, 7, attributes.mode());
    octal(block, 108, 7, attributes.uid());
    octal(block, 116, 7, attributes.gid());
    octal(block, 124, 11, size);
    octal(block, 136, 11, attributes.modified().getEpochSecond());
    block[156] = (byte) type;
    text(block, 157, NAME_LENGTH, link);
    text(block, 257, 8, "ustar\00000");
    octal(block, 329, 7, device[0]);
    octal(block, 337, 7, device[1]);
    checksum(block);
    return block;
  }

  private static void checksum(byte[] block) {
    Arrays.fill(block, CHECKSUM_OFFSET, CHECKSUM_OFFSET + 8, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    text(block, CHECKSUM_OFFSET, 8, "%06o\0 ".formatted(sum));
  }

  private static void text(byte[] block, int offset, int length, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, block, offset, Math.min(length, bytes.length));
  }

  private static void octal(byte[] block, int offset, int digits, long value) {
    long shown = fitsOctal(value, digits) ? value : 0;
    String number = Long.toOctalString(shown);
    text(block, offset, digits, "0".repeat(digits - number.length()) + number);
  }
}
