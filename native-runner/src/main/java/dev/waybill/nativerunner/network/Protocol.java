package dev.waybill.nativerunner.network;

import java.util.Locale;

/** A transport protocol that ports are published of. */
enum Protocol {
  TCP(6),
  UDP(17);

  private final int number;

  Protocol(int number) {
    this.number = number;
  }

  /** The number in the header of IP. */
  int number() {
    return number;
  }

  static Protocol parse(String name) {
    return switch (name) {
      case "tcp", "" -> TCP;
      case "udp" -> UDP;
      default -> throw new IllegalArgumentException("protocol '" + name + "' is not tcp or udp");
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
