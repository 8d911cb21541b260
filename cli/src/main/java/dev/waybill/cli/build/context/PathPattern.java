package dev.waybill.cli.build.context;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern of paths: {@code *} and {@code ?} within a name, {@code **} for any number of
 * directories, {@code [a-z]} for one character.
 */
final class PathPattern {
  private final Pattern pattern;

  /**
   * @param text without a leading or trailing slash
   * @throws IllegalArgumentException where it isn't one
   */
  PathPattern(String text) {
    try {
      pattern = Pattern.compile(regex(text), Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("'" + text + "' is no pattern", e);
    }
  }

  boolean matches(String path) {
    return pattern.matcher(path).matches();
  }

  private static String regex(String text) {
    var regex = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (text.startsWith("**/", i)) {
        regex.append("(?:.*/)?");
        i += 2;
      } else if (text.startsWith("**", i)) {
        regex.append(".*");
        i++;
      } else if (c == '*') {
        regex.append("[^/]*");
      } else if (c == '?') {
        regex.append("[^/]");
      } else if (c == '[' && text.indexOf(']', i) > i) {
        int close = text.indexOf(']', i);
        regex.append(text, i, close + 1);
        i = close;
      } else if (c == '\\' && i + 1 < text.length()) {
        regex.append(Pattern.quote(text.substring(++i, i + 1)));
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return regex.toString();
  }
}
