package dev.waybill.registryclient;

import java.net.URI;
import java.util.Locale;

/** Where a registry's API is: TLS everywhere but on this machine. */
record Origin(URI base) {
  static Origin overTls(String host) {
    return new Origin(URI.create("https://" + host));
  }

  boolean isOverTls() {
    return "https".equals(base.getScheme());
  }

  static Origin of(String host) {
    return new Origin(URI.create((isLoopback(host) ? "http://" : "https://") + host));
  }

  /** Whether the name of this host can only mean this machine. */
  static boolean isLoopback(String hostAndPort) {
    String host = hostAndPort.replaceFirst(":[0-9]+$", "").toLowerCase(Locale.ROOT);
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");
  }

  boolean isLoopback() {
    return isLoopback(base.getRawAuthority());
  }

  URI resolve(String path) {
    return base.resolve(path);
  }
}
