package dev.waybill.cli.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Words of an instruction: quotes taken off, variables replaced, as a shell does it.
 *
 * @see <a href="https://docs.docker.com/reference/dockerfile/#environment-replacement">Dockerfile
 *     reference, environment replacement</a>
 */
public final class Words {
  private final String text;
  private final Function<String, Optional<String>> variables;
  private final boolean splits;
  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean begun;
  private int at;

  private Words(String text, Function<String, Optional<String>> variables, boolean splits) {
    this.text = text;
    this.variables = variables;
    this.splits = splits;
  }

  /**
   * The words of a text, split at blanks that are not quoted.
   *
   * @param variables the value of each that is set
   * @throws IllegalArgumentException where a quote or a brace is never closed
   */
  public static List<String> split(String text, Function<String, Optional<String>> variables) {
    return new Words(text, variables, true).read();
  }

  /** The text as one word. */
  public static String expand(String text, Function<String, Optional<String>> variables) {
    List<String> one = new Words(text, variables, false).read();
    return one.isEmpty() ? "" : one.getFirst();
  }

  /** The text with its variables replaced and nothing else changed: quotes stay. */
  public static String substitute(String text, Function<String, Optional<String>> variables) {
    var words = new Words(text, variables, false);
    while (words.at < text.length()) {
      if (text.charAt(words.at) == '$') {
        words.word.append(words.variable());
      } else {
        words.word.append(text.charAt(words.at++));
      }
    }
    return words.word.toString();
  }

  private List<String> read() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (splits && Character.isWhitespace(c)) {
        at++;
        end();
      } else {
        begun = true;
        character(c);
      }
    }
    end();
    return words;
  }

  private void end() {
    if (begun) {
      words.add(word.toString());
      word.setLength(0);
      begun = false;
    }
  }

  private void character(char c) {
    switch (c) {
      case '\'' -> {
        int close = text.indexOf('\'', at + 1);
        word.append(text, at + 1, closed(close, "'"));
        at = close + 1;
      }
      case '"' -> doubleQuoted();
      case '\\' -> {
        word.append(at + 1 < text.length() ? text.charAt(at + 1) : c);
        at += 2;
      }
      case '$' -> word.append(variable());
      default -> {
        word.append(c);
        at++;
      }
    }
  }

  private void doubleQuoted() {
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      char c = text.charAt(at);
      if (c == '\\' && at + 1 < text.length() && "\"$\\".indexOf(text.charAt(at + 1)) >= 0) {
        word.append(text.charAt(at + 1));
        at += 2;
      } else if (c == '$') {
        word.append(variable());
      } else {
        word.append(c);
        at++;
      }
    }
    closed(at < text.length() ? at : -1, "\"");
    at++;
  }

  private int closed(int where, String quote) {
    if (where < 0) {
      throw new IllegalArgumentException("a %s is never closed in: %s".formatted(quote, text));
    }
    return where;
  }

  private String variable() {
    at++;
    if (at < text.length() && text.charAt(at) == '{') {
      return braced();
    }
    int begin = at;
    while (at < text.length() && isNamePart(text.charAt(at))) {
      at++;
    }
    String name = text.substring(begin, at);
    return name.isEmpty() ? "$" : variables.apply(name).orElse("");
  }

  private String braced() {
    int close = matchingBrace();
    String inside = text.substring(at + 1, close);
    at = close + 1;
    int name = 0;
    while (name < inside.length() && isNamePart(inside.charAt(name))) {
      name++;
    }
    Optional<String> value = variables.apply(inside.substring(0, name));
    String rest = inside.substring(name);
    if (rest.isEmpty()) {
      return value.orElse("");
    }
    boolean alsoEmpty = rest.startsWith(":");
    String operator = alsoEmpty ? rest.substring(1) : rest;
    boolean isSet = value.filter(v -> !alsoEmpty || !v.isEmpty()).isPresent();
    String other = operator.isEmpty() ? "" : expand(operator.substring(1), variables);
    return switch (operator.isEmpty() ? ' ' : operator.charAt(0)) {
      case '-' -> isSet ? value.orElse("") : other;
      case '+' -> isSet ? other : "";
      case '?' -> {
        if (!isSet) {
          throw new IllegalArgumentException(inside.substring(0, name) + ": " + other);
        }
        yield value.orElse("");
      }
      default -> throw new IllegalArgumentException("'${%s}' is not understood".formatted(inside));
    };
  }

  private int matchingBrace() {
    int depth = 0;
    for (int i = at; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return closed(-1, "{");
  }

  private static boolean isNamePart(char c) {
    return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }
}
