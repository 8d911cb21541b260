package dev.waybill.image.edge;

import dev.waybill.image.catalog.Actor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/** Knows who may use the registry by the {@code Authorization} header of a request. */
public interface Authenticator {
  /** Who this is, or nobody we know. */
  Optional<Actor> authenticate(Optional<String> authorization);

  /** One user with one secret, as a password or as a bearer token. */
  static Authenticator single(String user, String secret) {
    byte[] pair = (user + ":" + secret).getBytes(StandardCharsets.UTF_8);
    byte[] basic = ascii("Basic " + Base64.getEncoder().encodeToString(pair));
    byte[] bearer = ascii("Bearer " + secret);
    Actor actor = new Actor("user/" + user);
    return authorization -> {
      byte[] given = ascii(authorization.orElse(""));
      // Both are compared, in a time that tells nothing of how far they agree.
      boolean known = MessageDigest.isEqual(given, basic) | MessageDigest.isEqual(given, bearer);
      return known ? Optional.of(actor) : Optional.empty();
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
