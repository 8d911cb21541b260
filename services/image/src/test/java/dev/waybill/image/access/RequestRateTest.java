package dev.waybill.image.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RequestRateTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-24T12:00:00Z"));
  private final RequestRate rate = new RequestRate(2, now::get);

  @Test
  void a_burst_of_ten_seconds_is_taken_on_and_then_as_many_as_come_by() {
    for (int i = 0; i < 20; i++) {
      assertThat(rate.refuse("a")).isEmpty();
    }
    assertThat(rate.refuse("a")).contains(Duration.ofMillis(500));
    pass(Duration.ofMillis(499));
    assertThat(rate.refuse("a")).hasValueSatisfying(left -> assertThat(left).isPositive());

    pass(Duration.ofMillis(1));

    assertThat(rate.refuse("a")).isEmpty();
    assertThat(rate.refuse("a")).isPresent();
  }

  @Test
  void a_refused_request_costs_nothing() {
    exhaust("a");
    for (int i = 0; i < 100; i++) {
      assertThat(rate.refuse("a")).isPresent();
    }
    pass(Duration.ofMillis(500));

    assertThat(rate.refuse("a")).isEmpty();
  }

  @Test
  void one_client_does_not_hold_up_another() {
    exhaust("a");

    assertThat(rate.refuse("b")).isEmpty();
  }

  @Test
  void nobody_saves_up_more_than_a_burst() {
    exhaust("a");
    pass(Duration.ofDays(1));

    for (int i = 0; i < 20; i++) {
      assertThat(rate.refuse("a")).isEmpty();
    }
    assertThat(rate.refuse("a")).isPresent();
  }

  @Test
  void a_clock_that_goes_back_takes_nothing_away() {
    assertThat(rate.refuse("a")).isEmpty();
    pass(Duration.ofHours(-1));

    assertThat(rate.refuse("a")).isEmpty();
  }

  @Test
  void no_request_at_all_is_no_limit_that_makes_sense() {
    assertThatThrownBy(() -> new RequestRate(0, now::get))
        .hasMessage("waybill.image.requests-per-second is 0, leave it out for no limit");
  }

  private void exhaust(String client) {
    for (int i = 0; i < 20; i++) {
      rate.refuse(client);
    }
    assertThat(rate.refuse(client)).isPresent();
  }

  private void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }
}
