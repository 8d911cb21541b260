package dev.waybill.image.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.image.catalog.Actor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Issues short-lived tokens and knows its own again.
 *
 * @see <a href="https://distribution.github.io/distribution/spec/auth/token/">Token
 *     authentication</a>
 */
public final class TokenService {
  /** How long a token is good for. */
  public static final Duration LIFETIME = Duration.ofMinutes(5);

  private static final String ALGORITHM = "HmacSHA256";
  private static final String HEADER = encoded(utf8("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"));
  private static final ObjectMapper JSON = new ObjectMapper();

  private final byte[] key;
  private final InstantSource clock;

  /**
   * @param key a secret of 32 bytes that nobody else has
   */
  public TokenService(byte[] key, InstantSource clock) {
    this.key = key.clone();
    this.clock = clock;
  }

  /** The answer of the token service: a token with which this caller can show their scopes. */
  public byte[] answer(Caller caller) {
    Instant now = clock.instant();
    ObjectNode answer = JSON.createObjectNode();
    String token = issue(caller, now);
    answer.put("token", token).put("access_token", token);
    answer.put("expires_in", LIFETIME.toSeconds()).put("issued_at", now.toString());
    return utf8(answer.toString());
  }

  private String issue(Caller caller, Instant now) {
    ObjectNode claims = JSON.createObjectNode();
    claims.put("sub", caller.actor().name());
    claims.put("exp", now.plus(LIFETIME).getEpochSecond());
    List<Scope> scopes = caller.scopes().orElse(List.of());
    claims.put("scope", String.join(" ", scopes.stream().map(Scope::toString).toList()));
    String signed = HEADER + "." + encoded(utf8(claims.toString()));
    return signed + "." + encoded(signature(signed));
  }

  /** Whose token this is, if it is one of ours and not yet over. */
  public Optional<Caller> verify(String token) {
    int end = token.lastIndexOf('.');
    if (!token.startsWith(HEADER + ".") || end <= HEADER.length()) {
      return Optional.empty();
    }
    String signed = token.substring(0, end);
    byte[] expected = utf8(encoded(signature(signed)));
    if (!MessageDigest.isEqual(expected, utf8(token.substring(end + 1)))) {
      return Optional.empty();
    }
    JsonNode claims = claims(signed.substring(HEADER.length() + 1));
    if (clock.instant().getEpochSecond() >= claims.path("exp").longValue()) {
      return Optional.empty();
    }
    return Optional.of(
        new Caller(
            new Actor(claims.path("sub").textValue()),
            Optional.of(Scope.parse(claims.path("scope").textValue()))));
  }

  /** Only of what carries our signature, hence well-formed. */
  private static JsonNode claims(String encoded) {
    try {
      return JSON.readTree(Base64.getUrlDecoder().decode(encoded));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("we signed what is no JSON", e);
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory could not be read", e);
    }
  }

  private byte[] signature(String signed) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(utf8(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The challenge for a request that lacks these scopes. */
  public static String challenge(String realm, String service, Stream<Scope> lacking) {
    String scope = String.join(" ", lacking.map(Scope::toString).toList());
    String bearer = "Bearer realm=\"%s\",service=\"%s\"".formatted(realm, service);
    return scope.isEmpty() ? bearer : bearer + ",scope=\"" + scope + "\"";
  }
}
