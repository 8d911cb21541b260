package dev.waybill.registrysync.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.registry.RegistryLoginRemoved;
import dev.waybill.contracts.registry.RegistryLoginStored;
import dev.waybill.eventlog.decider.Observer;
import dev.waybill.registryclient.CredentialsUnusableException;
import dev.waybill.registryclient.SealedLogins;
import dev.waybill.registryclient.SealedLogins.Entry;
import dev.waybill.registrysync.RegistryDecider;
import dev.waybill.registrysync.RegistryState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * Lets the log say which registries the platform can log in to. The file is the truth and the log
 * follows it: what a crash kept from being said is said at the next start.
 */
final class LoginWatch implements Observer<RegistryState> {
  private static final Logger LOG = Logger.getLogger(LoginWatch.class);

  private final SealedLogins logins;
  private volatile boolean changed = true;

  LoginWatch(SealedLogins logins) {
    this.logins = logins;
  }

  /** The file was written. */
  void wake() {
    changed = true;
  }

  @Override
  public List<Message> observe(RegistryState state, Instant now) {
    if (!changed) {
      return List.of();
    }
    changed = false; // First, so that a change while the file is read isn't missed.
    List<Entry> there;
    try {
      there = logins.list();
    } catch (CredentialsUnusableException e) {
      // Nothing is known of them until somebody writes a file that can be read.
      LOG.errorf("log-ins can't be listed: %s", e.getMessage());
      return List.of();
    }
    List<Message> news = news(state, there);
    if (!news.isEmpty()) {
      changed = true; // Until the log has all of it: an append may fail, and then it is said again.
    }
    return news;
  }

  private static List<Message> news(RegistryState state, List<Entry> there) {
    var news = new ArrayList<Message>();
    var gone = new TreeMap<>(state.logins());
    for (Entry entry : there) {
      RegistryLoginStored said =
          RegistryLoginStored.newBuilder()
              .setHost(entry.host())
              .setNamespace(entry.namespace())
              .setUser(entry.user())
              .setRevision(entry.revision())
              .build();
      if (!said.equals(gone.remove(RegistryDecider.loginKey(entry.host(), entry.namespace())))) {
        news.add(said);
      }
    }
    gone.values()
        .forEach(
            login ->
                news.add(
                    RegistryLoginRemoved.newBuilder()
                        .setHost(login.getHost())
                        .setNamespace(login.getNamespace())
                        .build()));
    return news;
  }
}
