package dev.waybill.nativerunner.network;

import java.util.HexFormat;

/** Hardware addresses of links, {@code 02:57:0a:58:00:07}. */
final class HardwareAddress {
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");
  private static final int BYTES = 6;

  private HardwareAddress() {}

  static byte[] parse(String text) {
    byte[] bytes;
    try {
      bytes = COLONS.parseHex(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + text + "' is not a hardware address", e);
    }
    if (bytes.length != BYTES || (bytes[0] & 1) != 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a hardware address of one interface");
    }
    return bytes;
  }

  static String text(byte[] address) {
    return COLONS.formatHex(address);
  }
}
