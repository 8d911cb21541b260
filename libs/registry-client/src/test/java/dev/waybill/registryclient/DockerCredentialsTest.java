package dev.waybill.registryclient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.registryclient.Credentials.Login;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    DockerCredentials credentials = new DockerCredentials(file);

    assertThat(credentials.forHost("127.0.0.1:5000")).contains(new Login("me", "pa:ss"));
    assertThat(credentials.forHost("registry.example")).contains(new Login("you", "pw"));
    assertThat(credentials.forHost("other.example")).isEmpty();
    assertThat(new Login("me", "secret").toString()).doesNotContain("secret");
  }

  @Test
  void no_file_is_no_log_in() {
    assertThat(new DockerCredentials(dir.resolve("none")).forHost("a.example")).isEmpty();
  }
}
