package dev.waybill.registryclient;

import java.util.Optional;

/** Knows how to log in to registries. */
public interface Credentials {
  /** The log-in for this {@code host[:port]}, if there is one. */
  Optional<Login> forHost(String host);

  /**
   * The log-in that pulls of {@code namespace} use there; by itself the same for all.
   *
   * @param namespace empty for what belongs to none
   */
  default Optional<Login> forHost(String host, String namespace) {
    return forHost(host);
  }

  /** These first, and {@code next} where these know none. */
  default Credentials orElse(Credentials next) {
    Credentials first = this;
    return new Credentials() {
      @Override
      public Optional<Login> forHost(String host) {
        return first.forHost(host).or(() -> next.forHost(host));
      }

      @Override
      public Optional<Login> forHost(String host, String namespace) {
        return first.forHost(host, namespace).or(() -> next.forHost(host, namespace));
      }
    };
  }

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
