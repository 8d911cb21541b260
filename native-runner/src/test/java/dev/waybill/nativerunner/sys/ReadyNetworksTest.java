package dev.waybill.nativerunner.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReadyNetworksTest {
  private static String name(Fd network) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/fd/" + network.number())).toString();
  }

  private static Fd await(ReadyNetworks networks) {
    Optional<Fd> next = networks.take();
    while (next.isEmpty()) {
      Thread.onSpinWait();
      next = networks.take();
    }
    return next.get();
  }

  @Test
  void every_one_is_another_and_none_is_the_hosts() throws Exception {
    Set<String> seen = new HashSet<>();
    seen.add(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
    try (ReadyNetworks networks = ReadyNetworks.keep(2)) {
      for (int i = 0; i < 5; i++) {
        try (Fd network = await(networks)) {
          assertThat(seen.add(name(network))).as(name(network)).isTrue();
        }
      }
    }
  }

  @Test
  void without_any_there_is_none_to_wait_for() {
    try (ReadyNetworks networks = ReadyNetworks.none()) {
      assertThat(networks.take()).isEmpty();
    }
  }
}
