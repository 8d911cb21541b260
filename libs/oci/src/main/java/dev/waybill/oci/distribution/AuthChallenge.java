package dev.waybill.oci.distribution;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a registry that answered 401 wants to be asked.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1">RFC 9110,
 *     WWW-Authenticate</a>
 */
public sealed interface AuthChallenge {

  /**
   * User and password with every request.
   *
   * @param realm what the password is for, as text for people
   */
  record Basic(String realm) implements AuthChallenge {}

  /**
   * A token, to be fetched from {@code realm}.
   *
   * @param realm URL of the token service
   * @param service to name to it, if given
   * @param scope to ask it for, if given
   */
  record Bearer(String realm, @Nullable String service, @Nullable String scope)
      implements AuthChallenge {}

  /** All challenges of a {@code WWW-Authenticate} header that we know; others are left out. */
  static List<AuthChallenge> parse(String header) {
    return new ChallengeParser(header).parse();
  }

  /** The one to follow: a token if there is a choice, since it reveals the password less often. */
  static Optional<AuthChallenge> preferred(List<AuthChallenge> offered) {
    return offered.stream()
        .filter(Bearer.class::isInstance)
        .findFirst()
        .or(() -> offered.stream().findFirst());
  }
}
