package dev.waybill.noderunner.dns;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What names stand for on each network; lower case, as DNS compares. */
public final class Names {
  private final Map<String, List<String>> addresses = new ConcurrentHashMap<>();

  /** A name stands for these from now on; none means that it is gone. */
  public void set(String network, String name, List<String> now) {
    String key = key(network, name);
    if (now.isEmpty()) {
      addresses.remove(key);
    } else {
      addresses.put(key, List.copyOf(now));
    }
  }

  Optional<List<String>> find(String network, String name) {
    return Optional.ofNullable(addresses.get(key(network, name)));
  }

  private static String key(String network, String name) {
    return network + "/" + name.toLowerCase(Locale.ROOT);
  }
}
