package dev.waybill.registrysync.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.registry.RegistryLoginRemoved;
import dev.waybill.contracts.registry.RegistryLoginStored;
import dev.waybill.eventlog.decider.Fact;
import dev.waybill.registryclient.Credentials.Login;
import dev.waybill.registryclient.SealedLogins;
import dev.waybill.registrysync.RegistryDecider;
import dev.waybill.registrysync.RegistryState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoginWatchTest {
  @TempDir Path dir;
  private final RegistryDecider decider = new RegistryDecider();
  private RegistryState state = decider.initial();
  private SealedLogins logins;
  private LoginWatch watch;

  @BeforeEach
  void open() throws IOException {
    Path key = dir.resolve("key");
    Files.writeString(key, "a1".repeat(32));
    logins = new SealedLogins(dir.resolve("logins"), key);
    watch = new LoginWatch(logins);
  }

  @Test
  void the_log_follows_the_file_and_never_has_a_password() throws IOException {
    assertThat(look()).isEmpty();
    logins.put("a.example", "prod", new Login("me", "hunter-2"));
    watch.wake();
    RegistryLoginStored stored =
        RegistryLoginStored.newBuilder()
            .setHost("a.example")
            .setNamespace("prod")
            .setUser("me")
            .setRevision(1)
            .build();
    assertThat(look()).containsExactly(stored);
    assertThat(look()).isEmpty();
    logins.put("a.example", "prod", new Login("me", "hunter-3"));
    watch.wake();
    assertThat(look()).containsExactly(stored.toBuilder().setRevision(2).build());
    logins.remove("a.example", "prod");
    watch.wake();
    assertThat(look())
        .containsExactly(
            RegistryLoginRemoved.newBuilder().setHost("a.example").setNamespace("prod").build());
    assertThat(state.logins()).isEmpty();
  }

  @Test
  void what_a_crash_kept_from_being_said_is_said_at_the_next_start() throws IOException {
    logins.put("a.example", "", new Login("me", "hunter-2"));
    assertThat(new LoginWatch(logins).observe(state, Instant.EPOCH)).hasSize(1);
    assertThat(new LoginWatch(logins).observe(state, Instant.EPOCH)).hasSize(1);
    assertThat(look()).hasSize(1);
    assertThat(new LoginWatch(logins).observe(state, Instant.EPOCH)).isEmpty();
  }

  private List<Message> look() {
    List<Message> said = watch.observe(state, Instant.EPOCH);
    for (Message message : said) {
      state = decider.evolve(state, new Fact("f", Instant.EPOCH, "", message));
    }
    return said;
  }
}
