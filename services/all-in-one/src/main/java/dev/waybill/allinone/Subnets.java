package dev.waybill.allinone;

import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashSet;
import java.util.Set;

/** Finds an IPv4 range for the default network that nothing on this host uses. */
final class Subnets {
  private static final int SECOND_OCTET_FIRST = 201;
  private static final int SECOND_OCTET_LAST = 250;

  private Subnets() {}

  /** A free {@code 10.N.0.0/24}, with the rest of {@code 10.N/16} left for further networks. */
  static String free() {
    Set<Integer> used = usedSecondOctetsOfTen();
    int ranges = SECOND_OCTET_LAST - SECOND_OCTET_FIRST + 1;
    // A range shows as used with its first container only: two that start side by side on one host
    // must not look in the same order.
    long begin = ProcessHandle.current().pid();
    for (int i = 0; i < ranges; i++) {
      int octet = SECOND_OCTET_FIRST + (int) ((begin + i) % ranges);
      if (!used.contains(octet)) {
        return "10." + octet + ".0.0/24";
      }
    }
    throw new IllegalStateException(
        "every range from 10.%d to 10.%d is in use on this host"
            .formatted(SECOND_OCTET_FIRST, SECOND_OCTET_LAST));
  }

  private static Set<Integer> usedSecondOctetsOfTen() {
    var used = new HashSet<Integer>();
    try {
      NetworkInterface.networkInterfaces()
          .flatMap(link -> link.getInterfaceAddresses().stream())
          .map(InterfaceAddress::getAddress)
          .filter(Inet4Address.class::isInstance)
          .map(address -> address.getAddress())
          .filter(octets -> octets[0] == 10)
          .forEach(octets -> used.add(octets[1] & 0xFF));
    } catch (SocketException e) {
      throw new UncheckedIOException("cannot list this host's links", e);
    }
    return used;
  }
}
