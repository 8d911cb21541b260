package dev.waybill.registryclient;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether to go where a registry sends us, with a redirect or with the address of its token
 * service. A registry elsewhere must not make us talk to services that only this machine or its
 * cloud can reach, nor drop TLS.
 */
final class RedirectPolicy {
  /** Finds the addresses of a host. */
  interface Resolver {
    List<InetAddress> addresses(String host) throws UnknownHostException;
  }

  private final Resolver resolver;

  RedirectPolicy(Resolver resolver) {
    this.resolver = resolver;
  }

  /** The reason not to go from {@code origin} to {@code target}, if there is one. */
  Optional<String> objection(Origin origin, URI target) {
    String scheme = target.getScheme();
    String host = target.getHost();
    if (host == null || !("https".equals(scheme) || "http".equals(scheme))) {
      return Optional.of("not an address we can go to: " + target);
    }
    if (origin.isOverTls() && "http".equals(scheme)) {
      return Optional.of("it drops TLS: " + target);
    }
    if (origin.isLoopback() && Origin.isLoopback(host)) {
      return Optional.empty(); // From this machine to this machine.
    }
    if ("http".equals(scheme)) {
      return Optional.of("plain http is for the loopback address only: " + target);
    }
    return localAddress(host);
  }

  private Optional<String> localAddress(String host) {
    try {
      return resolver.addresses(host).stream()
          .filter(RedirectPolicy::isLocal)
          .findFirst()
          .map(address -> "it leads to this machine or its link: " + host + " is " + address);
    } catch (UnknownHostException e) {
      return Optional.of("no such host: " + host);
    }
  }

  private static boolean isLocal(InetAddress address) {
    return address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress();
  }
}
