package dev.waybill.image.reachability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.kernel.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeasesTest {
  private static final Digest A = Digest.of(new byte[] {1});
  private static final Digest B = Digest.of(new byte[] {2});

  private Instant now = Instant.EPOCH;
  private final Leases leases = new Leases(() -> now, Duration.ofMinutes(10));

  @Test
  void a_lease_runs_out_and_a_hold_does_not() {
    leases.take(A);
    try (Leases.Hold _ = leases.hold(List.of(B, B))) {
      now = now.plus(Duration.ofHours(3));
      assertThat(leases.current()).containsExactly(B);
      leases.end(List.of(B));
      assertThat(leases.current()).containsExactly(B);
    }
    assertThat(leases.current()).isEmpty();
  }

  @Test
  void what_two_hold_is_kept_until_both_let_go() {
    Leases.Hold one = leases.hold(List.of(A));
    Leases.Hold two = leases.hold(List.of(A, B));
    one.close();
    assertThat(leases.current()).containsExactlyInAnyOrder(A, B);
    two.close();
    assertThat(leases.current()).isEmpty();
  }
}
