package dev.waybill.cli.compose;

import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code $NAME}, {@code ${NAME}}, {@code ${NAME:-default}}, {@code ${NAME:?message}}, {@code $$}.
 */
final class Interpolation implements UnaryOperator<String> {
  private static final Pattern VARIABLE =
      Pattern.compile("\\$(?:(\\$)|([A-Za-z_]\\w*)|\\{([A-Za-z_]\\w*)(?:(:?[-?+])([^}]*))?})");

  private final Map<String, String> environment;

  Interpolation(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public String apply(String text) {
    return VARIABLE.matcher(text).replaceAll(m -> Matcher.quoteReplacement(value(m)));
  }

  private String value(MatchResult match) {
    if (match.group(1) != null) {
      return "$";
    }
    String name = match.group(2) != null ? match.group(2) : match.group(3);
    String value = environment.getOrDefault(name, "");
    boolean known =
        match.group(4) != null && match.group(4).startsWith(":")
            ? !value.isEmpty()
            : environment.containsKey(name);
    if (match.group(4) == null) {
      return value;
    }
    return switch (match.group(4).charAt(match.group(4).length() - 1)) {
      case '-' -> known ? value : match.group(5);
      case '+' -> known ? match.group(5) : "";
      default -> {
        if (!known) {
          throw new IllegalArgumentException(
              "variable %s is not set: %s".formatted(name, match.group(5)));
        }
        yield value;
      }
    };
  }
}
