package dev.waybill.registryclient;

/**
 * What comes under one name, over all connections, may be so fast together.
 *
 * @param name of what is capped, such as a policy
 * @param bytesPerSecond 1 or more
 */
public record BandwidthCap(String name, long bytesPerSecond) {
  public BandwidthCap {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "%s may have %d bytes per second, it must be 1 or more".formatted(name, bytesPerSecond));
    }
  }
}
