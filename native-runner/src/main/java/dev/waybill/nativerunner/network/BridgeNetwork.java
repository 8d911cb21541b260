package dev.waybill.nativerunner.network;

/**
 * A bridge that containers are attached to.
 *
 * @param name of the link, 1 to 15 characters
 * @param gateway the bridge's own address with the network's prefix
 * @param mtu largest packet
 * @param masquerade whether containers reach the outside through the host's address
 * @param internal whether the network is kept from everything but itself and the host
 */
record BridgeNetwork(String name, String gateway, int mtu, boolean masquerade, boolean internal) {
  private static final int NAME_MAX = 15;
  private static final int MTU = 1500;

  BridgeNetwork {
    if (!name.matches("[A-Za-z0-9_.-]{1," + NAME_MAX + "}")) {
      throw new IllegalArgumentException(
          "'" + name + "' is not a link's name: 1 to 15 letters, digits, '_', '.', '-'");
    }
    Ipv4.parse(gateway);
    mtu = mtu == 0 ? MTU : mtu;
  }

  Ipv4 address() {
    return Ipv4.parse(gateway);
  }
}
