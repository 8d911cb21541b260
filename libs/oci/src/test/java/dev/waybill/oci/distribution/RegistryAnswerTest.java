package dev.waybill.oci.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RegistryAnswerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void a_busy_registry_says_how_long_in_seconds_or_as_a_date() {
    assertThat(read(429, Map.of("Retry-After", "7")))
        .isEqualTo(new RegistryAnswer.Busy(429, Duration.ofSeconds(7)));
    assertThat(read(503, Map.of("Retry-After", "Thu, 1 Jan 2026 00:01:00 GMT")))
        .isEqualTo(new RegistryAnswer.Busy(503, Duration.ofMinutes(1)));
    assertThat(read(503, Map.of("Retry-After", "soon")))
        .isEqualTo(new RegistryAnswer.Busy(503, Duration.ZERO));
  }

  @Test
  void a_part_says_where_it_begins() {
    assertThat(read(206, Map.of("Content-Range", "bytes 5-9/10")))
        .isEqualTo(new RegistryAnswer.Part(5));
    assertThat(read(206, Map.of())).isEqualTo(new RegistryAnswer.Unexpected(206));
  }

  @Test
  void a_redirect_without_a_location_is_unexpected() {
    assertThat(read(307, Map.of())).isEqualTo(new RegistryAnswer.Unexpected(307));
  }

  @Test
  void an_error_body_reads_back_as_one_line() {
    assertThat(ErrorBody.summary(ErrorBody.write(ErrorCode.DENIED, "no \"way\"")))
        .isEqualTo("DENIED: no \"way\"");
    assertThat(ErrorBody.summary("<html>".getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  private static RegistryAnswer read(int status, Map<String, String> headers) {
    return RegistryAnswer.read(status, name -> Optional.ofNullable(headers.get(name)), NOW);
  }
}
