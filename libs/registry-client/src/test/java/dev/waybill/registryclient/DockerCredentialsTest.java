package dev.waybill.registryclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.registryclient.Credentials.Login;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerCredentialsTest {
  @TempDir Path dir;

  @Test
  void a_log_in_is_found_by_host_and_by_the_url_of_older_times() throws IOException {
    Path file = dir.resolve("config.json");
    Files.writeString(
        file,
        """
        {"auths": {"127.0.0.1:5000": {"auth": "bWU6cGE6c3M="},
                   "https://registry.example/v1/": {"auth": "eW91OnB3"}}}
        """);
    DockerCredentials credentials = new DockerCredentials(file, Map.of());

    assertThat(credentials.forHost("127.0.0.1:5000")).contains(new Login("me", "pa:ss"));
    assertThat(credentials.forHost("registry.example")).contains(new Login("you", "pw"));
    assertThat(credentials.forHost("other.example")).isEmpty();
    assertThat(new Login("me", "secret").toString()).doesNotContain("secret");
  }

  @Test
  void a_helper_is_asked_before_the_file_and_for_its_registry_before_the_one_for_all()
      throws IOException {
    helper(
        "all",
        """
        #!/bin/sh
        read -r server || true
        case "$server" in
          kept.example) echo '{"Username": "kept", "Secret": "s1"}' ;;
          https://index.docker.io/v1/) echo '{"Username": "hub", "Secret": "s2"}' ;;
          broken.example) echo 'some secret words'; exit 3 ;;
          *) echo 'credentials not found in native keychain'; exit 1 ;;
        esac
        """);
    helper("one", "#!/bin/sh\necho '{\"Username\": \"one\", \"Secret\": \"s3\"}'\n");
    helper("token", "#!/bin/sh\necho '{\"Username\": \"<token>\", \"Secret\": \"s4\"}'\n");
    Path file = dir.resolve("config.json");
    Files.writeString(
        file,
        """
        {"credsStore": "all",
         "credHelpers": {"one.example": "one", "token.example": "token", "gone.example": "gone"},
         "auths": {"listed.example": {"auth": "eW91OnB3"}}}
        """);
    var credentials =
        new DockerCredentials(file, Map.of("PATH", "/usr/bin:/bin:" + dir.toAbsolutePath()));

    assertThat(credentials.forHost("one.example")).contains(new Login("one", "s3"));
    assertThat(credentials.forHost("kept.example")).contains(new Login("kept", "s1"));
    assertThat(credentials.forHost("docker.io")).contains(new Login("hub", "s2"));
    assertThat(credentials.forHost("listed.example")).contains(new Login("you", "pw"));
    assertThat(credentials.forHost("other.example")).isEmpty();
    assertThatThrownBy(() -> credentials.forHost("broken.example"))
        .hasMessageContaining("docker-credential-all ended with 3")
        .hasMessageNotContaining("secret words");
    assertThatThrownBy(() -> credentials.forHost("gone.example"))
        .hasMessage("the credential helper docker-credential-gone is not on the PATH, install it");
    assertThatThrownBy(() -> credentials.forHost("token.example"))
        .hasMessageContaining("identity token");
  }

  private void helper(String name, String script) throws IOException {
    Path program = dir.resolve("docker-credential-" + name);
    Files.writeString(program, script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void no_file_is_no_log_in() {
    assertThat(new DockerCredentials(dir.resolve("none"), Map.of()).forHost("a.example")).isEmpty();
  }
}
