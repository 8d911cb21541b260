package dev.waybill.image.edge;

import dev.waybill.image.access.Caller;
import dev.waybill.image.access.TokenService;
import dev.waybill.image.catalog.Actor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/** Knows who may use the registry by the {@code Authorization} header of a request. */
public interface Authenticator {
  /** Who this is and what they may do, or nobody we know. */
  Optional<Caller> authenticate(Optional<String> authorization);

  /** One user with one secret, as a password or as a bearer token, who may do everything. */
  static Authenticator single(String user, String secret) {
    byte[] pair = (user + ":" + secret).getBytes(StandardCharsets.UTF_8);
    byte[] basic = ascii("Basic " + Base64.getEncoder().encodeToString(pair));
    byte[] bearer = ascii("Bearer " + secret);
    Caller caller = Caller.unlimited(new Actor("user/" + user));
    return authorization -> {
      byte[] given = ascii(authorization.orElse(""));
      // Both are compared, in a time that tells nothing of how far they agree.
      boolean known = MessageDigest.isEqual(given, basic) | MessageDigest.isEqual(given, bearer);
      return known ? Optional.of(caller) : Optional.empty();
    };
  }

  /** The same, and whoever shows a token that this service issued. */
  default Authenticator orToken(TokenService tokens) {
    return authorization ->
        authenticate(authorization)
            .or(
                () ->
                    authorization
                        .filter(header -> header.startsWith("Bearer "))
                        .flatMap(header -> tokens.verify(header.substring("Bearer ".length()))));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
