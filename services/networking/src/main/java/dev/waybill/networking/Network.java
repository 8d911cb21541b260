package dev.waybill.networking;

import dev.waybill.networking.address.Subnet;
import org.pcollections.TreePMap;

/**
 * A network.
 *
 * @param name its name
 * @param cidr its range
 * @param lastGiven the address that was given out last; empty before the first
 * @param holders container ids by the address that they hold
 */
public record Network(
    String name, String cidr, String lastGiven, TreePMap<String, String> holders) {

  static Network created(String name, String cidr) {
    return new Network(name, cidr, "", TreePMap.empty());
  }

  Subnet subnet() {
    return Subnet.parse(cidr);
  }

  Network given(String address, String containerId) {
    return new Network(name, cidr, address, holders.plus(address, containerId));
  }

  Network released(String address) {
    return new Network(name, cidr, lastGiven, holders.minus(address));
  }
}
