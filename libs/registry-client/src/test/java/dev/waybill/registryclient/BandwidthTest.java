package dev.waybill.registryclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BandwidthTest {
  private Instant now = Instant.EPOCH;

  @Test
  void ten_seconds_worth_of_bytes_takes_ten_seconds() throws IOException {
    var bandwidth = Bandwidth.perRegistry(OptionalLong.of(1000));
    assertThat(body(bandwidth, "a.example", 10_000).readAllBytes()).hasSize(10_000);
    assertThat(Duration.between(Instant.EPOCH, now)).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void connections_to_one_registry_share_and_those_to_another_have_their_own() throws IOException {
    var bandwidth = Bandwidth.perRegistry(OptionalLong.of(1000));
    InputStream one = body(bandwidth, "a.example", 100);
    InputStream two = body(bandwidth, "a.example", 100);
    one.readAllBytes();
    two.readAllBytes();
    assertThat(Duration.between(Instant.EPOCH, now)).isEqualTo(Duration.ofMillis(200));
    Instant before = now;
    body(bandwidth, "b.example", 100).readAllBytes();
    assertThat(Duration.between(before, now)).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void a_clock_that_was_set_back_holds_nothing_up_for_long() throws IOException {
    var bandwidth = Bandwidth.perRegistry(OptionalLong.of(1000));
    body(bandwidth, "a.example", 100).readAllBytes();
    now = now.minus(Duration.ofHours(1));
    Instant before = now;
    body(bandwidth, "a.example", 100).readAllBytes();
    assertThat(Duration.between(before, now)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void no_bandwidth_at_all_is_refused() {
    assertThatThrownBy(() -> Bandwidth.perRegistry(OptionalLong.of(0)))
        .hasMessage("a registry's bandwidth is 0 bytes per second, it must be 1 or more");
  }

  private InputStream body(Bandwidth bandwidth, String registry, int bytes) {
    return new PacedBody(
        new ByteArrayInputStream(new byte[bytes]),
        bandwidth,
        registry,
        () -> now,
        delay -> now = now.plus(delay));
  }
}
