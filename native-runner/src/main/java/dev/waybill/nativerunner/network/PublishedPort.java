package dev.waybill.nativerunner.network;

/**
 * A port of the host that leads to a container.
 *
 * @param hostIp address of the host; empty is every one
 * @param hostPort 1 to 65535
 * @param containerIp address of the container
 * @param containerPort 1 to 65535
 */
record PublishedPort(
    String hostIp, int hostPort, Protocol protocol, String containerIp, int containerPort) {
  private static final int PORT_MAX = 65_535;

  PublishedPort {
    check(hostPort, "host_port");
    check(containerPort, "container_port");
    if (!hostIp.isEmpty()) {
      Ipv4.parse(hostIp);
    }
    Ipv4.parse(containerIp);
  }

  private static void check(int port, String name) {
    if (port < 1 || port > PORT_MAX) {
      throw new IllegalArgumentException(name + " " + port + " is not within 1 to 65535");
    }
  }

  boolean onEveryAddress() {
    return hostIp.isEmpty() || hostIp.equals("0.0.0.0");
  }
}
