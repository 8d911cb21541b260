package dev.waybill.cli.build.context;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@code .dockerignore}: the last line that matches a path, or a directory above it, decides;
 * {@code !} takes back.
 *
 * @see <a href="https://docs.docker.com/build/concepts/context/#dockerignore-files">.dockerignore
 *     files</a>
 */
final class IgnoreRules {
  static final IgnoreRules NONE = new IgnoreRules(List.of());

  private final List<Rule> rules;

  private record Rule(PathPattern pattern, boolean ignores) {}

  private IgnoreRules(List<Rule> rules) {
    this.rules = rules;
  }

  static IgnoreRules parse(String text) {
    var rules = new ArrayList<Rule>();
    for (String line : text.lines().toList()) {
      String pattern = line.strip();
      if (pattern.isEmpty() || pattern.startsWith("#")) {
        continue;
      }
      boolean ignores = !pattern.startsWith("!");
      pattern = ignores ? pattern : pattern.substring(1).strip();
      pattern = pattern.replaceFirst("^(\\./|/)+", "").replaceFirst("/+$", "");
      if (!pattern.isEmpty() && !pattern.equals(".")) {
        rules.add(new Rule(new PathPattern(pattern), ignores));
      }
    }
    return new IgnoreRules(rules);
  }

  /** Whether the path is left out; relative, without a leading slash. */
  boolean ignores(String path) {
    boolean ignored = false;
    for (Rule rule : rules) {
      if (rule.ignores() != ignored && matches(rule, path)) {
        ignored = rule.ignores();
      }
    }
    return ignored;
  }

  private static boolean matches(Rule rule, String path) {
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (rule.pattern().matches(path.substring(0, slash))) {
        return true;
      }
    }
    return rule.pattern().matches(path);
  }

  /** Whether something below an ignored directory may be taken back: then it is looked into. */
  boolean takesBack() {
    return rules.stream().anyMatch(rule -> !rule.ignores());
  }
}
