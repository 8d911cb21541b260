package dev.waybill.archrules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** House rules over the source tree that no compiler knows. */
class TidyTest {
  private static final Path ROOT = Path.of(System.getProperty("waybill.root", "../.."));
  private static final int LINES_MAX = 600;
  private static final Set<String> SKIPPED = Set.of("target", "node_modules", ".git", ".waybill");
  private static final Set<String> TEXTS =
      Set.of("java", "c", "h", "md", "xml", "yaml", "yml", "proto", "sql", "sh", "properties");

  /** Programs on a command line: their output is what they are for. */
  private static final Predicate<String> PROGRAM =
      path ->
          path.contains("/cli/")
              || path.contains("/test/")
              || path.contains("/demo/")
              || path.contains("/allinone/")
              || path.contains("/bench/")
              || path.endsWith("/Main.java");

  private static final List<Ban> BANS =
      List.of(
          new Ban(
              "printStack" + "Trace", "log it once at the edge, or let it go up", path -> false),
          new Ban("TO" + "DO", "do it, or file it as an issue", path -> false),
          new Ban("FIX" + "ME", "fix it, or file it as an issue", path -> false),
          new Ban("XX" + "X ", "say what is meant", path -> false),
          new Ban("System.out", "use the edge's log, or return the text", PROGRAM),
          new Ban("System.err", "use the edge's log, or throw", PROGRAM),
          new Ban("enable-pre" + "view", "preview APIs change, do without", path -> false),
          // Of a process, below /proc, it is the kernel's: ways out of a container lead there.
          new Ban(
              "/ro" + "ot/",
              "a path of one machine, make it a setting",
              path -> path.endsWith("/EscapeCases.java")),
          new Ban("/wo" + "rk/", "a path of one machine, make it a setting", path -> false));

  private static final List<Path> FILES = new ArrayList<>();

  private record Ban(String text, String instead, Predicate<String> allowed) {}

  @BeforeAll
  static void findFiles() throws IOException {
    collect(ROOT);
    assertThat(FILES).as("files of the source tree").hasSizeGreaterThan(300);
  }

  private static void collect(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      for (Path child : children.sorted().toList()) {
        String name = child.getFileName().toString();
        if (Files.isDirectory(child) && !Files.isSymbolicLink(child)) {
          if (!SKIPPED.contains(name)) {
            collect(child);
          }
        } else if (TEXTS.contains(name.substring(name.lastIndexOf('.') + 1))) {
          FILES.add(child);
        }
      }
    }
  }

  private static String name(Path file) {
    return ROOT.relativize(file).toString().replace('\\', '/');
  }

  @Test
  void banned_texts_are_not_used() throws IOException {
    var found = new ArrayList<String>();
    for (Path file : FILES) {
      String text = Files.readString(file);
      for (Ban ban : BANS) {
        if (text.contains(ban.text()) && !ban.allowed().test("/" + name(file))) {
          found.add("%s has '%s': %s".formatted(name(file), ban.text(), ban.instead()));
        }
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void every_package_says_what_it_is_for() throws IOException {
    var silent = new TreeSet<String>();
    for (Path file : FILES) {
      if (name(file).contains("src/main/java/")) {
        Path info = file.resolveSibling("package-info.java");
        if (!Files.exists(info) || !Files.readString(info).startsWith("/**")) {
          silent.add(name(file.getParent()) + ": add a package-info.java with a sentence");
        }
      }
    }
    assertThat(silent).isEmpty();
  }

  @Test
  void no_source_is_longer_than_what_one_can_keep_in_mind() throws IOException {
    var tooLong = new ArrayList<String>();
    for (Path file : FILES) {
      if (name(file).contains("/src/") && !name(file).endsWith(".yaml")) {
        try (Stream<String> lines = Files.lines(file)) {
          long count = lines.count();
          if (count > LINES_MAX) {
            tooLong.add(
                "%s has %d lines: a new capability is a new file".formatted(name(file), count));
          }
        }
      }
    }
    assertThat(tooLong).isEmpty();
  }

  @Test
  void every_decision_has_a_status() throws IOException {
    var without = new ArrayList<String>();
    for (Path file : FILES) {
      if (name(file).startsWith("docs/decisions/")
          && Files.readAllLines(file).stream().noneMatch(line -> line.matches("\\W*Status\\b.*"))) {
        without.add(name(file) + ": add a line 'Status: proposed, accepted or superseded by NNNN'");
      }
    }
    assertThat(without).isEmpty();
  }
}
