package dev.waybill.image.scrub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.DiskBlobStore;
import dev.waybill.image.store.SetAside;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuarantineTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final SetAside OLD = aside(1, 100, Duration.ofDays(31));
  private static final SetAside OLDER = aside(2, 100, Duration.ofDays(40));
  private static final SetAside YOUNG = aside(3, 60, Duration.ofDays(2));
  private static final SetAside YOUNGEST = aside(4, 60, Duration.ofHours(1));

  @Test
  void what_is_too_old_goes_and_the_rest_stays_if_it_fits() {
    assertThat(excess(1000, YOUNG, OLD, YOUNGEST, OLDER)).containsExactly(OLDER, OLD);
    assertThat(excess(120, YOUNG, OLD, YOUNGEST, OLDER)).containsExactly(OLDER, OLD);
  }

  @Test
  void of_what_does_not_fit_the_oldest_goes() {
    assertThat(excess(119, YOUNGEST, YOUNG)).containsExactly(YOUNG);
    assertThat(excess(0, YOUNGEST, YOUNG)).containsExactly(YOUNG, YOUNGEST);
  }

  @Test
  void nothing_goes_where_nothing_is_over_a_limit() {
    assertThat(excess(0)).isEmpty();
    assertThat(excess(60, YOUNGEST)).isEmpty();
  }

  @Test
  void what_went_is_gone_from_the_store_and_notes_of_people_stay(@TempDir Path data)
      throws IOException {
    BlobStore store = DiskBlobStore.open(data);
    Digest digest = store.store(new byte[] {1}).digest();
    store.setAside(digest);
    Path note = Files.writeString(data.resolve("quarantine/README"), "disk 2, slot 4");
    QuarantineLimits limits = new QuarantineLimits(Duration.ofDays(30), 1000);
    Instant today = Instant.now();

    assertThat(Quarantine.empty(store, limits, today)).isEmpty();
    assertThat(Quarantine.empty(store, limits, today.plus(Duration.ofDays(31))))
        .extracting(SetAside::digest)
        .containsExactly(digest);

    assertThat(store.quarantine()).isEmpty();
    assertThat(note).exists();
  }

  private static List<SetAside> excess(long bytes, SetAside... kept) {
    return Quarantine.excess(List.of(kept), new QuarantineLimits(Duration.ofDays(30), bytes), NOW);
  }

  private static SetAside aside(int number, long size, Duration age) {
    return new SetAside(Digest.of(new byte[] {(byte) number}), size, NOW.minus(age));
  }
}
