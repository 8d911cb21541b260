package dev.waybill.networking.address;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * An IPv4 range. The first address after the network's is the gateway's; the last is the broadcast.
 *
 * @param network the range's first address
 * @param prefixLength bits that are fixed, 8 to 29
 */
public record Subnet(long network, int prefixLength) {
  private static final int PREFIX_MIN = 8;
  private static final int PREFIX_MAX = 29;

  /**
   * @throws IllegalArgumentException if the range is too small or large, or has host bits set
   */
  public Subnet {
    if (prefixLength < PREFIX_MIN || prefixLength > PREFIX_MAX) {
      throw new IllegalArgumentException(
          "a network's prefix must have %d to %d bits, not %d"
              .formatted(PREFIX_MIN, PREFIX_MAX, prefixLength));
    }
    if ((network & size(prefixLength) - 1) != 0) {
      throw new IllegalArgumentException(
          "%s/%d has bits set behind its prefix".formatted(Ipv4.format(network), prefixLength));
    }
  }

  /** Reads CIDR form; the inverse of {@link #toString()}. */
  public static Subnet parse(String cidr) {
    int slash = cidr.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("not a range in CIDR form: '" + cidr + "'");
    }
    return new Subnet(
        Ipv4.parse(cidr.substring(0, slash)), Integer.parseInt(cidr.substring(slash + 1)));
  }

  /** Reads CIDR form; empty where it is none. */
  public static Optional<Subnet> tryParse(String cidr) {
    try {
      return Optional.of(parse(cidr));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static long size(int prefixLength) {
    return 1L << 32 - prefixLength;
  }

  public String gateway() {
    return Ipv4.format(network + 1);
  }

  /** The two ranges share an address. */
  public boolean overlaps(Subnet other) {
    return network < other.network + size(other.prefixLength)
        && other.network < network + size(prefixLength);
  }

  /**
   * The next free address after {@code last}, round and round: an address that was just given back
   * is the last to be used again, so that nobody reaches a newcomer under a name still remembered.
   */
  public Optional<String> next(String last, Predicate<String> taken) {
    long first = network + 2;
    long hosts = size(prefixLength) - 3;
    long after = last.isEmpty() ? first - 1 : Ipv4.parse(last);
    for (long step = 1; step <= hosts; step++) {
      String candidate = Ipv4.format(first + Math.floorMod(after - first + step, hosts));
      if (!taken.test(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** The {@code n}th range of the same size after this one. */
  public Subnet following(int n) {
    return new Subnet(network + n * size(prefixLength), prefixLength);
  }

  @Override
  public String toString() {
    return Ipv4.format(network) + "/" + prefixLength;
  }
}
