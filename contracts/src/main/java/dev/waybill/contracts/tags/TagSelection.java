package dev.waybill.contracts.tags;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.waybill.contracts.spec.TagFilter;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tags that a policy's glob and filter mean. */
public final class TagSelection {
  /** Characters of a regular expression or a range. */
  public static final int TEXT_MAX = 256;

  private static final Comparator<String> NEWEST_FIRST =
      Comparator.<String, Boolean>comparing(tag -> Version.of(tag).isEmpty())
          .thenComparing(TagSelection::byVersion)
          .thenComparing(NaturalOrder.INSTANCE.reversed());

  private final @Nullable Pattern glob;
  private final @Nullable Pattern regex;
  private final @Nullable VersionRange range;

  private TagSelection(
      @Nullable Pattern glob, @Nullable Pattern regex, @Nullable VersionRange range) {
    this.glob = glob;
    this.regex = regex;
    this.range = range;
  }

  /**
   * @param glob of {@code *} and {@code ?}; empty means all
   * @throws IllegalArgumentException if a part can't be understood, naming it and what to write
   */
  public static TagSelection of(String glob, TagFilter filter) {
    return new TagSelection(
        glob.isEmpty() ? null : Pattern.compile(globbed(glob)),
        filter.getRegex().isEmpty() ? null : regex(filter.getRegex()),
        filter.getSemver().isEmpty() ? null : range(filter.getSemver()));
  }

  /**
   * The same for a fold, which must come to something whatever is on the log: a filter that can't
   * be understood, because another version of this code took it, means no tag.
   */
  public static TagSelection total(String glob, TagFilter filter) {
    try {
      return of(glob, filter);
    } catch (IllegalArgumentException e) {
      return new TagSelection(null, null, VersionRange.NONE);
    }
  }

  private static String globbed(String glob) {
    var regex = new StringBuilder();
    for (char c : glob.toCharArray()) {
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return regex.toString();
  }

  /** RE2's engine takes time in proportion to the text, whatever a policy and an upstream say. */
  private static Pattern regex(String text) {
    requireShort("regex", text);
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "regex: '%s' is no regular expression in RE2's syntax: %s"
              .formatted(text, e.getDescription()),
          e);
    }
  }

  private static VersionRange range(String text) {
    requireShort("semver", text);
    try {
      return VersionRange.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("semver: " + e.getMessage(), e);
    }
  }

  private static void requireShort(String what, String text) {
    if (text.length() > TEXT_MAX) {
      throw new IllegalArgumentException(
          "%s has %d characters, at most %d are possible".formatted(what, text.length(), TEXT_MAX));
    }
  }

  /** Every tag is meant, and so is what has no tag at all. */
  public boolean takesAll() {
    return (glob == null || glob.matches("")) && regex == null && range == null;
  }

  /** It means this tag. How many there are and how old each is, is not asked here. */
  public boolean takes(String tag) {
    return (glob == null || glob.matches(tag))
        && (regex == null || regex.matches(tag))
        && (range == null || Version.of(tag).filter(range::holds).isPresent());
  }

  /**
   * Those of {@code tags} that are meant: versions from high to low, then the others in natural
   * order from high to low. When a tag was discovered says nothing of its age, since the first look
   * discovers them all.
   */
  public List<String> newestFirst(Collection<String> tags) {
    return tags.stream().filter(this::takes).distinct().sorted(NEWEST_FIRST).toList();
  }

  private static int byVersion(String one, String other) {
    Optional<Version> left = Version.of(one);
    Optional<Version> right = Version.of(other);
    return left.isPresent() && right.isPresent() ? right.get().compareTo(left.get()) : 0;
  }
}
