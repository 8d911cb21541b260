package dev.waybill.cli.build.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuildContextTest {
  @TempDir Path directory;

  @BeforeEach
  void files() throws IOException {
    for (String file : new String[] {"a.txt", "b.md", "doc/c.md", "doc/keep.md", "src/x/y.c"}) {
      Path path = directory.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, file);
    }
  }

  @Test
  void all_files_are_there_without_an_ignore_file() throws Exception {
    assertThat(BuildContext.of(directory, "").entries().keySet())
        .containsExactly(
            "a.txt", "b.md", "doc", "doc/c.md", "doc/keep.md", "src", "src/x", "src/x/y.c");
  }

  @Test
  void the_last_rule_that_matches_decides() throws Exception {
    String rules = "# notes\n**/*.md\n!doc/keep.md\n/src/\n";

    assertThat(BuildContext.of(directory, rules).entries().keySet())
        .containsExactly("a.txt", "doc", "doc/keep.md");
  }

  @Test
  void what_is_in_an_ignored_directory_can_be_taken_back() throws Exception {
    assertThat(BuildContext.of(directory, "*\n!src/x/*.c").entries().keySet())
        .containsExactly("src/x/y.c");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.txt|a.txt",
        "./a.txt|a.txt",
        "/doc|doc",
        "doc/|doc",
        "*.md|b.md",
        "d?c|doc",
        "[ab].*|a.txt,b.md",
        "doc/*.md|doc/c.md,doc/keep.md",
        "no*|''"
      })
  void a_source_names_paths_or_a_pattern_of_them(String source, String expected) throws Exception {
    assertThat(String.join(",", BuildContext.of(directory, "").matching(source)))
        .isEqualTo(expected);
  }

  @Test
  void nothing_outside_can_be_named() throws Exception {
    BuildContext context = BuildContext.of(directory, "");

    assertThatThrownBy(() -> context.matching("../etc/passwd"))
        .hasMessageContaining("leads out of what may be copied");
  }
}
