package dev.waybill.contracts.tags;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Versions that are meant: alternatives, parted by {@code ||}, of comparators that must all hold,
 * parted by spaces. {@code 1.2} and {@code 1.2.x} mean every 1.2; {@code ^} keeps the first number
 * that isn't 0, {@code ~} the minor one.
 *
 * <p>A version with a suffix, as {@code 2.0.0-rc.1}, is meant only by a comparator that itself has
 * one for the same three numbers: who asks for {@code >=1} doesn't want candidates of 2.
 */
final class VersionRange {
  private static final Pattern COMPARATOR =
      Pattern.compile(
          "(>=|<=|>|<|=|\\^|~)?v?(\\d{1,17}|[xX*])(?:\\.(\\d{1,17}|[xX*]))?(?:\\.(\\d{1,17}|[xX*]))?"
              + "(?:-([0-9A-Za-z.-]+))?");

  /** No version at all. */
  static final VersionRange NONE = new VersionRange(List.of());

  private final List<List<Bounds>> alternatives;

  private VersionRange(List<List<Bounds>> alternatives) {
    this.alternatives = alternatives;
  }

  /**
   * What one comparator allows.
   *
   * @param from the lowest version; none for no bound
   * @param below the lowest version that is too high; none for no bound
   * @param candidate the version with a suffix that it names; none if it names none
   */
  private record Bounds(
      @Nullable Version from, @Nullable Version below, @Nullable Version candidate) {
    boolean holds(Version version) {
      return (from == null || version.compareTo(from) >= 0)
          && (below == null || version.compareTo(below) < 0);
    }

    boolean speaksOf(Version version) {
      return candidate != null && candidate.hasNumbersOf(version);
    }
  }

  /**
   * @throws IllegalArgumentException if it is no range, saying which part
   */
  static VersionRange parse(String text) {
    var alternatives = new ArrayList<List<Bounds>>();
    for (String alternative : text.split("\\|\\|", -1)) {
      // "> = 1" is not a thing people write, but ">= 1" is.
      String joined = alternative.strip().replaceAll("([<>=^~])\\s+", "$1");
      if (joined.isEmpty()) {
        throw new IllegalArgumentException("'%s' has an empty range".formatted(text));
      }
      var all = new ArrayList<Bounds>();
      for (String comparator : joined.split("[\\s,]+")) {
        all.add(bounds(comparator, text));
      }
      alternatives.add(List.copyOf(all));
    }
    return new VersionRange(List.copyOf(alternatives));
  }

  boolean holds(Version version) {
    return alternatives.stream()
        .anyMatch(
            all ->
                all.stream().allMatch(bounds -> bounds.holds(version))
                    && (version.isRelease()
                        || all.stream().anyMatch(bounds -> bounds.speaksOf(version))));
  }

  private static Bounds bounds(String comparator, String whole) {
    Matcher matcher = COMPARATOR.matcher(comparator);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' in '%s' is no version range, write it like '>=1.2 <2', '^1.2', '~1.2.3' or '1.x'"
              .formatted(comparator, whole));
    }
    return Part.of(matcher).bounds(matcher.group(1) == null ? "=" : matcher.group(1));
  }

  /**
   * A version of which parts may be missing.
   *
   * @param numbers how many of the three there are
   */
  private record Part(int numbers, Version lowest) {
    static Part of(Matcher matcher) {
      long[] number = new long[3];
      int numbers = 0;
      while (numbers < number.length && isNumber(matcher.group(numbers + 2))) {
        number[numbers] = Long.parseLong(matcher.group(numbers + 2));
        numbers++;
      }
      String pre = matcher.group(5) == null || numbers < number.length ? "" : matcher.group(5);
      return new Part(numbers, new Version(number[0], number[1], number[2], pre));
    }

    private static boolean isNumber(@Nullable String text) {
      return text != null && Character.isDigit(text.charAt(0));
    }

    Bounds bounds(String operator) {
      Version named = lowest.isRelease() ? null : lowest;
      if (numbers == 0) {
        return new Bounds(null, null, null); // "*" and whatever stands before it.
      }
      return switch (operator) {
        case ">=" -> new Bounds(lowest, null, named);
        case "<" -> new Bounds(null, lowest, named);
        case ">" -> new Bounds(after(numbers), null, named);
        case "<=" -> new Bounds(null, after(numbers), named);
        case "^" -> new Bounds(lowest, after(firstThatCounts()), named);
        case "~" -> new Bounds(lowest, after(Math.min(numbers, 2)), named);
        default -> new Bounds(lowest, after(numbers), named);
      };
    }

    /** {@code ^} lets everything change after the first number that isn't 0. */
    private int firstThatCounts() {
      if (lowest.major() > 0 || numbers == 1) {
        return 1;
      }
      return lowest.minor() > 0 || numbers == 2 ? 2 : 3;
    }

    /** The lowest version after all that share the first {@code kept} numbers. */
    private Version after(int kept) {
      return switch (kept) {
        case 1 -> Version.release(lowest.major() + 1, 0, 0);
        case 2 -> Version.release(lowest.major(), lowest.minor() + 1, 0);
        default ->
            lowest.isRelease()
                ? new Version(lowest.major(), lowest.minor(), lowest.patch() + 1, "0")
                : new Version(lowest.major(), lowest.minor(), lowest.patch(), lowest.pre() + ".0");
      };
    }
  }
}
