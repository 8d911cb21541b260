package dev.waybill.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.distribution.Uploads.Upload;
import dev.waybill.image.quota.Quotas;
import dev.waybill.image.store.DiskBlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadsTest {
  private static final RegistryLimits LIMITS =
      new RegistryLimits(1, 100, Duration.ofMinutes(30), 10, new Quotas(Map.of(), 1, 1));

  @TempDir Path data;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-24T12:00:00Z"));

  @Test
  void an_upload_that_rests_too_long_is_dropped_with_its_bytes() throws IOException {
    Uploads uploads = new Uploads(DiskBlobStore.open(data), LIMITS, now::get, () -> "id");
    Upload upload = uploads.begin("app").orElseThrow();
    assertThat(uploads.begin("app")).as("one is the most").isEmpty();
    pass(Duration.ofMinutes(29));
    uploads.claim(upload);
    uploads.giveBack(upload);
    pass(Duration.ofMinutes(29));
    assertThat(uploads.expire()).as("it was used").isZero();

    pass(Duration.ofMinutes(2));

    assertThat(uploads.expire()).isEqualTo(1);
    assertThat(uploads.find("app", "id")).isEmpty();
    assertThat(uploads.begin("app")).as("room for another").isPresent();
  }

  @Test
  void an_upload_that_is_being_written_is_not_dropped() throws IOException {
    Uploads uploads = new Uploads(DiskBlobStore.open(data), LIMITS, now::get, () -> "id");
    uploads.claim(uploads.begin("app").orElseThrow());
    pass(Duration.ofHours(1));

    assertThat(uploads.expire()).isZero();
    try (Stream<Path> bytes = Files.list(data.resolve("ingest"))) {
      assertThat(bytes).hasSize(1);
    }
  }

  private void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }
}
