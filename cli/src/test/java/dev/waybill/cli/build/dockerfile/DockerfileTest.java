package dev.waybill.cli.build.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerfileTest {
  private static final Map<String, String> VARIABLES = Map.of("a", "one", "empty", "", "b", "x y");

  @Test
  void stages_and_arguments_before_them_are_told_apart() {
    Dockerfile file =
        Dockerfile.parse(
            """
            # escape=\\

            ARG V=1
            FROM base:${V} AS Build
            RUN one
            from scratch
            COPY --from=build --chown=1:2 a b/
            """);

    assertThat(file.arguments()).extracting(Instruction::text).containsExactly("V=1");
    assertThat(file.stages()).extracting(Dockerfile.Stage::name).containsExactly("build", "");
    Instruction copy = file.stages().get(1).instructions().getFirst();
    assertThat(copy.flags()).containsExactly(Map.entry("from", "build"), Map.entry("chown", "1:2"));
    assertThat(copy.text()).isEqualTo("a b/");
    assertThat(copy.line()).isEqualTo(7);
    assertThat(file.stage("BUILD", 1)).contains(0);
    assertThat(file.stage("0", 1)).contains(0);
    assertThat(file.stage("build", 0)).isEmpty();
  }

  @Test
  void lines_are_joined_and_comments_between_them_left_out() {
    Instruction run = only("FROM a\nRUN one \\\n  # why\n\n  two \\  \n  three\nCMD four\n");

    assertThat(run.text().split("\\s+")).containsExactly("one", "two", "three");
  }

  @Test
  void the_escape_character_can_be_another() {
    assertThat(only("# escape=`\nFROM a\nRUN c:\\dir `\n two\n").text()).isEqualTo("c:\\dir  two");
  }

  @Test
  void a_text_may_follow_an_instruction() {
    Instruction run = only("FROM a\nRUN cat <<A <<-'B' > f\none $x\nA\n\ttwo\n\tB\nCMD x\n");

    assertThat(run.documents().get("A")).isEqualTo(new Instruction.HereDocument("one $x\n", false));
    assertThat(run.documents().get("B")).isEqualTo(new Instruction.HereDocument("two\n", true));
  }

  @Test
  void the_exec_form_is_an_array_and_a_program_named_bracket_is_not() {
    assertThat(only("FROM a\nRUN [\"a b\", \"c\"]\n").array()).contains(List.of("a b", "c"));
    assertThat(only("FROM a\nRUN [ -e /x ] && true\n").array()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RUN x                 | line 1: a Dockerfile begins with FROM",
        "FROM a\\nCOPI a b     | line 2: there is no instruction 'COPI'",
        "FROM a\\n\\nRUN       | line 3: RUN needs an argument",
        "FROM a b              | line 1: FROM takes an image",
        "FROM a AS 1x          | line 1: '1x' is no name of a stage",
        "FROM a\\nRUN <<E\\nx  | line 2: the text up to 'E' has no end",
        "ARG x                 | line 1: there is no FROM in it"
      })
  void what_is_wrong_is_told_with_its_line(String text, String message) {
    assertThatThrownBy(() -> Dockerfile.parse(text.replace("\\n", "\n")))
        .isInstanceOf(DockerfileException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "$a-${a}.$c.         | one-one..",
        "${c:-d$a}${a:-no}   | doneone",
        "${empty-x}${empty:-x} | x",
        "${a:+set}${c:+set}  | set",
        "\\$a '$a' \"$a\"    | $a $a one",
        "\"a\\\"b\\n\"       | a\"b\\n",
        "a$                  | a$"
      })
  void variables_are_replaced_as_a_shell_does(String text, String expected) {
    assertThat(Words.expand(text, DockerfileTest::variable)).isEqualTo(expected);
  }

  @Test
  void words_are_split_at_blanks_that_are_not_quoted() {
    assertThat(Words.split("a=\"b c\" $b d\\ e ''", DockerfileTest::variable))
        .containsExactly("a=b c", "x y", "d e", "");
  }

  @Test
  void a_quote_that_is_never_closed_is_refused() {
    assertThatThrownBy(() -> Words.split("a 'b", DockerfileTest::variable))
        .hasMessageContaining("never closed");
    assertThatThrownBy(() -> Words.split("${a", DockerfileTest::variable))
        .hasMessageContaining("never closed");
    assertThatThrownBy(() -> Words.split("${c:?must be set}", DockerfileTest::variable))
        .hasMessage("c: must be set");
  }

  private static Optional<String> variable(String name) {
    return Optional.ofNullable(VARIABLES.get(name));
  }

  private static Instruction only(String text) {
    return Dockerfile.parse(text).stages().getFirst().instructions().getFirst();
  }
}
