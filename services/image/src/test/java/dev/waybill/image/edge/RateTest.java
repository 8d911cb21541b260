package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.access.RequestRate;
import dev.waybill.image.edge.RegistryClient.Answer;
import dev.waybill.kernel.Digest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateTest {
  private static final byte[] BLOB = new byte[100];

  @TempDir Path data;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-24T12:00:00Z"));

  @Test
  void a_client_with_too_many_requests_is_told_when_to_come_again() throws Exception {
    try (RunningRegistry registry = RunningRegistry.start(data, new RequestRate(1, now::get));
        RegistryClient client = new RegistryClient(registry.uri())) {
      String push = "/v2/app/blobs/uploads/?digest=" + Digest.of(BLOB);
      for (int i = 0; i < 10; i++) {
        assertThat(client.send("GET", "/v2/").status()).isEqualTo(200);
      }

      Answer refused = client.send("POST", push, BLOB);

      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(refused.text()).contains("\"code\":\"TOOMANYREQUESTS\"");
      assertThat(client.anonymous("/v2/token").status()).as("guesses count, too").isEqualTo(429);
      now.updateAndGet(before -> before.plus(Duration.ofSeconds(1)));
      assertThat(client.send("POST", push, BLOB).status()).isEqualTo(201);
    }
  }
}
