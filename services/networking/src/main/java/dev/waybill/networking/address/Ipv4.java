package dev.waybill.networking.address;

/** IPv4 addresses as unsigned numbers, in text with dots. */
final class Ipv4 {
  private static final int OCTETS = 4;

  private Ipv4() {}

  static long parse(String text) {
    String[] octets = text.split("\\.", -1);
    if (octets.length != OCTETS) {
      throw notAnAddress(text);
    }
    long address = 0;
    for (String octet : octets) {
      int value = octet.matches("\\d{1,3}") ? Integer.parseInt(octet) : 256;
      if (value > 255) {
        throw notAnAddress(text);
      }
      address = address << 8 | value;
    }
    return address;
  }

  private static IllegalArgumentException notAnAddress(String text) {
    return new IllegalArgumentException("not an IPv4 address: '" + text + "'");
  }

  static String format(long address) {
    return "%d.%d.%d.%d"
        .formatted(address >> 24 & 0xFF, address >> 16 & 0xFF, address >> 8 & 0xFF, address & 0xFF);
  }
}
