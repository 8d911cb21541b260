package dev.waybill.registryclient;

import java.util.Optional;

/** Knows how to log in to registries. */
public interface Credentials {
  /** The log-in for this {@code host[:port]}, if there is one. */
  Optional<Login> forHost(String host);

  /** To no registry. */
  static Credentials none() {
    return _ -> Optional.empty();
  }

  /** A user and a password, which is never printed. */
  record Login(String user, String password) {
    @Override
    public String toString() {
      return "Login[user=" + user + "]";
    }
  }
}
