package dev.waybill.contracts.tags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.contracts.spec.TagFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TagSelectionTest {
  private static final int SEEDS = 300;

  @Test
  void ranges_mean_what_people_know_from_package_managers() {
    meant(">=1.2 <2", "1.2.0", "1.2", "v1.9.9", "1.10.3");
    notMeant(">=1.2 <2", "1.1.9", "2.0.0", "2", "1.3.0-rc.1", "latest", "1.2.3.4");
    meant("^1.2", "1.2.0", "1.99.0");
    notMeant("^1.2", "1.1.0", "2.0.0", "2.0.0-rc.1");
    meant("^0.2.3", "0.2.3", "0.2.9");
    notMeant("^0.2.3", "0.3.0", "0.2.2");
    meant("^0.0.3", "0.0.3");
    notMeant("^0.0.3", "0.0.4");
    meant("~1.2.3", "1.2.3", "1.2.30");
    notMeant("~1.2.3", "1.2.2", "1.3.0");
    meant("~1", "1.0.0", "1.9.0");
    notMeant("~1", "2.0.0");
    meant("1.x", "1.0.0", "1.44.2");
    notMeant("1.x", "0.9.0", "2.0.0");
    meant("1.2", "1.2.7");
    notMeant("1.2", "1.3.0");
    meant("=1.2.3", "1.2.3", "v1.2.3");
    notMeant("=1.2.3", "1.2.4", "1.2.3-1");
    meant(">1.2", "1.3.0");
    notMeant(">1.2", "1.2.9");
    meant("<=1.2", "1.2.9", "0.1.0");
    notMeant("<=1.2", "1.3.0");
    meant("*", "0.0.1", "99");
    meant("^1 || ^3.1, <3.4", "1.5.0", "3.3.9");
    notMeant("^1 || ^3.1, <3.4", "2.0.0", "3.4.0");
  }

  @Test
  void a_candidate_is_meant_only_by_who_asks_for_candidates_of_that_version() {
    meant(">=2.0.0-rc.1 <3", "2.0.0-rc.1", "2.0.0-rc.10", "2.0.0");
    notMeant(">=2.0.0-rc.1 <3", "2.0.0-beta", "2.1.0-rc.1", "3.0.0-rc.1");
    meant("=1.2.3-slim", "1.2.3-slim");
    notMeant("=1.2.3-slim", "1.2.3");
  }

  @Test
  void what_is_no_range_is_named() {
    for (String text : List.of("latest", ">>1", "1.2.3.4", "^", ">=1 ||", "1 - 2")) {
      assertThatThrownBy(() -> TagSelection.of("", semver(text)))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("semver: '");
    }
    assertThatThrownBy(() -> TagSelection.of("", TagFilter.newBuilder().setRegex("(").build()))
        .hasMessageStartingWith("regex: '(' is no regular expression");
    assertThatThrownBy(
            () -> TagSelection.of("", TagFilter.newBuilder().setRegex("a".repeat(300)).build()))
        .hasMessage("regex has 300 characters, at most 256 are possible");
  }

  @Test
  void a_fold_takes_a_filter_that_is_none_as_one_that_means_nothing() {
    TagSelection nothing = TagSelection.total("", semver("latest"));
    assertThat(nothing.takes("1.0.0")).isFalse();
    assertThat(nothing.takes("latest")).isFalse();
    assertThat(nothing.takesAll()).isFalse();
    assertThat(TagSelection.total("1*", semver("^1")).takes("1.0.0")).isTrue();
  }

  @Test
  void glob_expression_and_range_must_all_hold() {
    TagSelection selection =
        TagSelection.of(
            "*.?", TagFilter.newBuilder().setRegex("[0-9.]+").setSemver("^1.2").build());
    assertThat(selection.newestFirst(List.of("1.3", "1.22", "1.2-x", "2.1", "1.2", "v1.4")))
        .containsExactly("1.3", "1.2");
    assertThat(selection.takesAll()).isFalse();
    assertThat(TagSelection.of("", TagFilter.getDefaultInstance()).takesAll()).isTrue();
    assertThat(TagSelection.of("*", TagFilter.getDefaultInstance()).takesAll()).isTrue();
  }

  @Test
  void an_expression_that_makes_others_hang_is_answered_at_once() {
    TagSelection selection =
        TagSelection.of("", TagFilter.newBuilder().setRegex("(a+)+(a+)+(a+)+b").build());
    assertThat(selection.takes("a".repeat(127))).isFalse();
  }

  @Test
  void versions_come_before_other_names_and_both_from_high_to_low() {
    assertThat(
            TagSelection.of("", TagFilter.getDefaultInstance())
                .newestFirst(
                    List.of(
                        "edge",
                        "1.9.0",
                        "build-9",
                        "1.10.0",
                        "2.0.0-rc.2",
                        "build-10",
                        "2.0.0",
                        "2.0.0-rc.11",
                        "2.0.0-alpha")))
        .containsExactly(
            "2.0.0",
            "2.0.0-rc.11",
            "2.0.0-rc.2",
            "2.0.0-alpha",
            "1.10.0",
            "1.9.0",
            "edge",
            "build-10",
            "build-9");
  }

  @Test
  void the_order_of_a_listing_changes_nothing() {
    for (int seed = 0; seed < SEEDS; seed++) {
      var random = new Random(seed);
      List<String> tags = tags(random);
      var shuffled = new ArrayList<>(tags);
      Collections.shuffle(shuffled, random);
      TagSelection selection = TagSelection.of("", TagFilter.getDefaultInstance());
      assertThat(selection.newestFirst(shuffled))
          .as("seed %d", seed)
          .isEqualTo(selection.newestFirst(tags));
    }
  }

  @Test
  void a_caret_means_what_its_two_bounds_mean() {
    for (int seed = 0; seed < SEEDS; seed++) {
      var random = new Random(seed);
      int major = 1 + random.nextInt(3);
      int minor = random.nextInt(3);
      TagSelection caret = TagSelection.of("", semver("^%d.%d".formatted(major, minor)));
      TagSelection bounds =
          TagSelection.of("", semver(">=%d.%d <%d".formatted(major, minor, major + 1)));
      for (String tag : tags(random)) {
        assertThat(caret.takes(tag)).as("seed %d, %s", seed, tag).isEqualTo(bounds.takes(tag));
      }
    }
  }

  private static List<String> tags(Random random) {
    var tags = new ArrayList<String>();
    for (int i = 0; i < 12; i++) {
      String version = random.nextInt(4) + "." + random.nextInt(4) + "." + random.nextInt(12);
      switch (random.nextInt(4)) {
        case 0 -> tags.add(version + "-rc." + random.nextInt(12));
        case 1 -> tags.add("build-" + random.nextInt(30));
        case 2 -> tags.add("v" + version);
        default -> tags.add(version);
      }
    }
    return tags;
  }

  private static TagFilter semver(String range) {
    return TagFilter.newBuilder().setSemver(range).build();
  }

  private static void meant(String range, String... tags) {
    TagSelection selection = TagSelection.of("", semver(range));
    assertThat(tags).as(range).allMatch(selection::takes);
  }

  private static void notMeant(String range, String... tags) {
    TagSelection selection = TagSelection.of("", semver(range));
    assertThat(tags).as(range).noneMatch(selection::takes);
  }
}
