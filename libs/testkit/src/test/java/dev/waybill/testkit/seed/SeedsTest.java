package dev.waybill.testkit.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeedsTest {
  @Test
  void the_same_seeds_come_in_every_run() {
    List<Long> first = new ArrayList<>();
    List<Long> second = new ArrayList<>();
    Seeds.forEachSeed(20, first::add);
    Seeds.forEachSeed(20, second::add);

    assertThat(first).isEqualTo(second).doesNotHaveDuplicates().hasSize(20);
  }

  @Test
  void a_failure_names_the_seed_that_replays_it() {
    assertThatThrownBy(
            () ->
                Seeds.forEachSeed(
                    5,
                    seed -> {
                      throw new IllegalStateException("no " + seed);
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching("fails with seed (-?\\d+), replay with -Dwaybill.seed=\\1");
  }
}
