package dev.waybill.testkit.seed;

import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/**
 * Runs a property with one seed after another. The seeds are the same in every run, so a failure is
 * a failure for everybody; {@code -Dwaybill.seed=N} runs that one alone.
 */
public final class Seeds {
  private static final String PROPERTY = "waybill.seed";
  private static final long FIRST = 0x5741_5942_494c_4c00L;

  private Seeds() {}

  /**
   * Checks a property with {@code count} seeds.
   *
   * @throws AssertionError at the first seed for which it fails, naming that seed
   */
  public static void forEachSeed(int count, LongConsumer property) {
    String only = System.getProperty(PROPERTY, "");
    if (!only.isEmpty()) {
      check(Long.decode(only), property);
      return;
    }
    SplittableRandom seeds = new SplittableRandom(FIRST);
    for (int i = 0; i < count; i++) {
      check(seeds.nextLong(), property);
    }
  }

  private static void check(long seed, LongConsumer property) {
    try {
      property.accept(seed);
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError(
          "fails with seed " + seed + ", replay with -D" + PROPERTY + "=" + seed, failure);
    }
  }
}
