package dev.waybill.registryclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final int SEEDS = 300;

  @Test
  void who_took_bytes_waits_as_long_as_they_take() {
    TokenBucket bucket = new TokenBucket(1000);
    assertThat(bucket.take(Instant.EPOCH, 500)).isEqualTo(Duration.ofMillis(500));
    assertThat(bucket.take(Instant.EPOCH, 500)).isEqualTo(Duration.ofSeconds(1));
    assertThat(bucket.take(Instant.EPOCH.plusSeconds(9), 100)).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void a_rest_saves_nothing_up() {
    TokenBucket bucket = new TokenBucket(1000);
    bucket.take(Instant.EPOCH, 1);
    assertThat(bucket.take(Instant.EPOCH.plus(Duration.ofDays(1)), 1000))
        .isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void no_bandwidth_at_all_is_refused() {
    assertThatThrownBy(() -> new TokenBucket(0)).hasMessageContaining("must be 1 or more");
    assertThatThrownBy(() -> new BandwidthCap("web", 0)).hasMessageContaining("web may have 0");
  }

  /** Several readers in simulated time: the one that may read next does. */
  @Test
  void readers_together_get_no_more_than_the_rate_and_not_much_less() {
    for (int seed = 0; seed < SEEDS; seed++) {
      var random = new Random(seed);
      long rate = 1 + random.nextInt(1_000_000);
      int largest = 1 + random.nextInt(100_000);
      var bucket = new TokenBucket(rate);
      Instant[] readers = new Instant[1 + random.nextInt(8)];
      Arrays.fill(readers, Instant.EPOCH);
      long bytes = 0;
      for (int i = 0; i < 400; i++) {
        int next = 0;
        for (int reader = 1; reader < readers.length; reader++) {
          next = readers[reader].isBefore(readers[next]) ? reader : next;
        }
        Instant now = readers[next];
        int count = 1 + random.nextInt(largest);
        bytes += count;
        double paid = Duration.between(Instant.EPOCH, now).toNanos() / 1e9 * rate;
        assertThat((double) bytes)
            .as("seed %d: what was read but for what each has in hand", seed)
            .isLessThanOrEqualTo(paid + (double) largest * readers.length + 1);
        readers[next] = now.plus(bucket.take(now, count));
      }
      Instant last = readers[0];
      for (Instant reader : readers) {
        last = reader.isAfter(last) ? reader : last;
      }
      double possible = Duration.between(Instant.EPOCH, last).toNanos() / 1e9 * rate;
      assertThat((double) bytes)
          .as("seed %d: none of it is lost", seed)
          .isGreaterThan(possible - 2);
    }
  }
}
