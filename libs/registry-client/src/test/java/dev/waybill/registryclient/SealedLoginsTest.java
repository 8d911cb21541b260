package dev.waybill.registryclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.registryclient.Credentials.Login;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedLoginsTest {
  private static final String SECRET = "correct horse battery";

  @TempDir Path dir;
  private Path file;
  private Path key;
  private SealedLogins logins;

  @BeforeEach
  void open() throws IOException {
    file = dir.resolve("logins.json");
    key = dir.resolve("logins.key");
    Files.writeString(key, "0123456789abcdef".repeat(4) + "\n");
    logins = new SealedLogins(file, key);
  }

  @Test
  void the_log_in_of_a_namespace_wins_over_that_of_all() throws IOException {
    logins.put("a.example", "", new Login("all", SECRET));
    logins.put("a.example", "prod", new Login("prod", "other"));
    var reader = new SealedLogins(file, key);
    assertThat(reader.forHost("a.example", "prod")).contains(new Login("prod", "other"));
    assertThat(reader.forHost("a.example", "dev")).contains(new Login("all", SECRET));
    assertThat(reader.forHost("a.example")).contains(new Login("all", SECRET));
    assertThat(reader.forHost("b.example", "prod")).isEmpty();
    assertThat(reader.list())
        .containsExactly(
            new SealedLogins.Entry("a.example", "", "all", 1),
            new SealedLogins.Entry("a.example", "prod", "prod", 2));
  }

  @Test
  void one_that_was_taken_out_is_gone() throws IOException {
    logins.put("a.example", "prod", new Login("me", SECRET));
    assertThat(logins.remove("a.example", "prod")).isTrue();
    assertThat(logins.remove("a.example", "prod")).isFalse();
    assertThat(logins.forHost("a.example", "prod")).isEmpty();
  }

  @Test
  void the_file_is_its_owners_and_holds_no_password() throws IOException {
    logins.put("a.example", "prod", new Login("me", SECRET));
    assertThat(Files.readString(file)).contains("a.example", "me").doesNotContain(SECRET);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(dir.toFile().list()).containsExactlyInAnyOrder("logins.json", "logins.key");
  }

  @Test
  void a_password_opens_with_its_key_and_for_its_host_only() throws IOException {
    logins.put("a.example", "prod", new Login("me", SECRET));
    String written = Files.readString(file);
    Files.writeString(file, written.replace("a.example", "evil.example"));
    assertThatThrownBy(() -> logins.forHost("evil.example", "prod"))
        .isInstanceOf(CredentialsUnusableException.class)
        .hasMessageContaining("can't be decrypted");
    Files.writeString(file, written);
    Files.writeString(key, "f".repeat(64));
    assertThatThrownBy(() -> logins.forHost("a.example", "prod"))
        .hasMessageContaining("put the key back or log in again");
    Files.writeString(key, "short");
    assertThatThrownBy(() -> logins.forHost("a.example", "prod"))
        .hasMessageContaining("is no key, it must have 64 hexadecimal digits");
  }
}
