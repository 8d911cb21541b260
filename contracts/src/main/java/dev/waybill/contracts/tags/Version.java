package dev.waybill.contracts.tags;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Comparator;
import java.util.Optional;

/**
 * A semantic version as tags write it: {@code 1.2.3}, {@code v1.2}, {@code 3.1-rc.1}. Parts that
 * are missing count as 0, since many images are tagged with two.
 *
 * @param pre what follows the first {@code -}; empty for a release
 * @see <a href="https://semver.org/spec/v2.0.0.html#spec-item-11">Semantic Versioning,
 *     precedence</a>
 */
record Version(long major, long minor, long patch, String pre) implements Comparable<Version> {
  private static final Pattern FORM =
      Pattern.compile(
          "v?(\\d{1,18})(?:\\.(\\d{1,18}))?(?:\\.(\\d{1,18}))?"
              + "(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?");
  private static final Comparator<Version> ORDER =
      Comparator.comparingLong(Version::major)
          .thenComparingLong(Version::minor)
          .thenComparingLong(Version::patch)
          .thenComparing(Version::pre, Version::comparePre);

  static Optional<Version> of(String tag) {
    Matcher matcher = FORM.matcher(tag);
    return matcher.matches()
        ? Optional.of(
            new Version(
                number(matcher.group(1)),
                number(matcher.group(2)),
                number(matcher.group(3)),
                matcher.group(4) == null ? "" : matcher.group(4)))
        : Optional.empty();
  }

  private static long number(String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  static Version release(long major, long minor, long patch) {
    return new Version(major, minor, patch, "");
  }

  boolean isRelease() {
    return pre.isEmpty();
  }

  boolean hasNumbersOf(Version other) {
    return major == other.major && minor == other.minor && patch == other.patch;
  }

  @Override
  public int compareTo(Version other) {
    return ORDER.compare(this, other);
  }

  private static int comparePre(String one, String other) {
    if (one.isEmpty() || other.isEmpty()) {
      return Boolean.compare(
          one.isEmpty(), other.isEmpty()); // A release comes after its candidates.
    }
    String[] left = one.split("\\.", -1);
    String[] right = other.split("\\.", -1);
    for (int i = 0; i < Math.min(left.length, right.length); i++) {
      int part = comparePart(left[i], right[i]);
      if (part != 0) {
        return part;
      }
    }
    return Integer.compare(left.length, right.length);
  }

  private static int comparePart(String one, String other) {
    boolean left = isNumber(one);
    boolean right = isNumber(other);
    if (left && right) {
      return NaturalOrder.INSTANCE.compare(one, other);
    }
    return left == right ? one.compareTo(other) : Boolean.compare(right, left);
  }

  private static boolean isNumber(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
