package dev.waybill.registrysync.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Instant NOW = Instant.EPOCH;
  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

  @Test
  void a_good_look_is_followed_at_the_interval_or_when_the_registry_wants() {
    assertThat(Pace.afterSuccess(NOW, TEN_MINUTES, Duration.ZERO)).isEqualTo(NOW.plusSeconds(600));
    assertThat(Pace.afterSuccess(NOW, TEN_MINUTES, Duration.ofHours(1)))
        .isEqualTo(NOW.plusSeconds(3600));
    assertThat(Pace.afterSuccess(NOW, Duration.ZERO, Duration.ZERO)).isEqualTo(Instant.MAX);
  }

  @Test
  void failures_double_the_wait_up_to_an_hour_and_never_undercut_the_registry() {
    assertThat(after(1, Duration.ZERO)).hasSeconds(10);
    assertThat(after(2, Duration.ZERO)).hasSeconds(20);
    assertThat(after(40, Duration.ZERO)).hasHours(1);
    assertThat(after(1, Duration.ofHours(2))).hasHours(2);
    assertThat(Duration.between(NOW, Pace.afterFailure(NOW, Duration.ZERO, 1, Duration.ZERO)))
        .as("what somebody asked for is tried again")
        .hasSeconds(10);
    assertThat(
            Duration.between(NOW, Pace.afterFailure(NOW, Duration.ofMillis(10), 3, Duration.ZERO)))
        .hasMillis(40);
  }

  private static Duration after(int failures, Duration asked) {
    return Duration.between(NOW, Pace.afterFailure(NOW, TEN_MINUTES, failures, asked));
  }

  @Test
  void the_headers_of_registries_are_read() {
    assertThat(read(Map.of("RateLimit-Remaining", "76;w=21600")))
        .contains(new Allowance(76, Duration.ofHours(6)));
    assertThat(read(Map.of("RateLimit-Remaining", "5", "RateLimit-Reset", "300")))
        .contains(new Allowance(5, Duration.ofMinutes(5)));
    assertThat(read(Map.of("RateLimit", "\"default\";r=3;t=60")))
        .contains(new Allowance(3, Duration.ofMinutes(1)));
    assertThat(read(Map.of("RateLimit-Remaining", "many"))).isEmpty();
    assertThat(read(Map.of())).isEmpty();
  }

  @Test
  void the_mirror_leaves_the_last_requests_to_containers() {
    assertThat(new Allowance(11, Duration.ofHours(1)).stayAway()).isZero();
    assertThat(new Allowance(10, Duration.ofHours(1)).stayAway()).hasHours(1);
    assertThat(new Allowance(0, Duration.ofDays(9)).stayAway()).as("a limit").hasHours(6);
  }

  private static Optional<Allowance> read(Map<String, String> headers) {
    return Allowance.read(name -> Optional.ofNullable(headers.get(name)));
  }
}
