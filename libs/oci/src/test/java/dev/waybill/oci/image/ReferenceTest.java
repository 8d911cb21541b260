package dev.waybill.oci.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.oci.image.Reference.HostOrigin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
  private static final String HEX = "a".repeat(64);

  @ParameterizedTest
  @CsvSource({
    "alpine, docker.io/library/alpine:latest, alpine:latest, DEFAULTED",
    "alpine:3.20, docker.io/library/alpine:3.20, alpine:3.20, DEFAULTED",
    "team/app, docker.io/team/app:latest, team/app:latest, DEFAULTED",
    "docker.io/alpine, docker.io/library/alpine:latest, alpine:latest, EXPLICIT",
    "index.docker.io/library/alpine, docker.io/library/alpine:latest, alpine:latest, EXPLICIT",
    "localhost/app, localhost/app:latest, localhost/app:latest, EXPLICIT",
    "127.0.0.1:5000/a/b:v1, 127.0.0.1:5000/a/b:v1, 127.0.0.1:5000/a/b:v1, EXPLICIT",
    "Registry.Example/app, registry.example/app:latest, registry.example/app:latest, EXPLICIT",
  })
  void a_name_is_completed_as_docker_does(
      String written, String complete, String familiar, HostOrigin origin) {
    Reference reference = Reference.parse(written);

    assertThat(reference).hasToString(complete);
    assertThat(reference.familiar()).isEqualTo(familiar);
    assertThat(reference.origin()).isEqualTo(origin);
    assertThat(Reference.parse(reference.toString()).toString()).isEqualTo(complete);
  }

  @Test
  void a_digest_wins_over_the_tag_beside_it() {
    Reference reference = Reference.parse("app:v1@sha256:" + HEX);

    assertThat(reference.tag()).isEqualTo("v1");
    assertThat(reference.manifestKey()).isEqualTo("sha256:" + HEX);
  }

  @Test
  void a_digest_alone_gets_no_tag() {
    assertThat(Reference.parse("app@sha256:" + HEX).tag()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/app",
        "app:",
        "app:bad tag",
        "app@sha256:12",
        "a//b",
        "-app",
        "host.example:99999999/x",
        "host.example/App",
        "app/../etc",
        "[::1]:5000/app",
        "a_.b",
        "app@md5:" + "0"
      })
  void a_name_that_is_none_is_refused(String written) {
    assertThatThrownBy(() -> Reference.parse(written)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void the_refusal_names_the_part_at_fault() {
    assertThatThrownBy(() -> Reference.parse("host.example/App:v1"))
        .hasMessageContaining("invalid repository 'App'");
  }
}
