package dev.waybill.nativerunner.network;

import java.nio.ByteBuffer;

/**
 * An address of IPv4 with the length of its network's prefix.
 *
 * @param bits the address, most significant byte first
 * @param prefix 0 to 32
 */
record Ipv4(int bits, int prefix) {
  private static final int BITS = 32;

  Ipv4 {
    if (prefix < 0 || prefix > BITS) {
      throw new IllegalArgumentException("prefix length " + prefix + " is not within 0 to 32");
    }
  }

  /** Reads {@code 10.88.0.7/16}; without a prefix it is 32. */
  static Ipv4 parse(String text) {
    String[] parts = text.split("/", -1);
    String[] bytes = parts[0].split("\\.", -1);
    if (parts.length > 2 || bytes.length != 4) {
      throw bad(text);
    }
    int bits = 0;
    try {
      for (String b : bytes) {
        int value = Integer.parseInt(b);
        if (value < 0 || value > 255 || b.startsWith("+")) {
          throw bad(text);
        }
        bits = bits << 8 | value;
      }
      return new Ipv4(bits, parts.length == 2 ? Integer.parseInt(parts[1]) : BITS);
    } catch (NumberFormatException e) {
      throw bad(text);
    }
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is not an address such as 10.88.0.7 or 10.88.0.7/16");
  }

  byte[] bytes() {
    return ByteBuffer.allocate(Integer.BYTES).putInt(bits).array();
  }

  private int mask() {
    return prefix == 0 ? 0 : -1 << (BITS - prefix);
  }

  byte[] maskBytes() {
    return ByteBuffer.allocate(Integer.BYTES).putInt(mask()).array();
  }

  Ipv4 network() {
    return new Ipv4(bits & mask(), prefix);
  }

  Ipv4 broadcast() {
    return new Ipv4(bits | ~mask(), prefix);
  }

  boolean contains(Ipv4 other) {
    return (other.bits & mask()) == (bits & mask());
  }

  /** A hardware address that is locally administered and the same for the same address. */
  byte[] hardwareAddress() {
    byte[] b = bytes();
    return new byte[] {0x02, 0x57, b[0], b[1], b[2], b[3]};
  }

  String address() {
    return "%d.%d.%d.%d".formatted(bits >>> 24, bits >>> 16 & 0xff, bits >>> 8 & 0xff, bits & 0xff);
  }

  @Override
  public String toString() {
    return address() + "/" + prefix;
  }
}
