package dev.waybill.registryclient;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.oci.distribution.AuthChallenge;
import dev.waybill.oci.distribution.RegistryAnswer;
import dev.waybill.registryclient.Credentials.Login;
import dev.waybill.registryclient.RegistryFailedException.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The log-ins of one errand at one registry: the header to send for each scope. */
final class TokenCache {
  private static final int TOKEN_BYTES_MAX = 256 * 1024;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Transport transport;
  private final Origin origin;
  private final Optional<Login> login;
  private final ConnectionLimits limits;
  private final Map<String, String> headers = new ConcurrentHashMap<>();

  TokenCache(Transport transport, Origin origin, Optional<Login> login, ConnectionLimits limits) {
    this.transport = transport;
    this.origin = origin;
    this.login = login;
    this.limits = limits;
  }

  /** The {@code Authorization} header for a request of this scope, once we know it. */
  Optional<String> header(String scope) {
    return Optional.ofNullable(headers.get(scope));
  }

  /** Does what the registry asks for, so that {@link #header} is right the next time. */
  void logIn(RegistryAnswer.Unauthorized refusal, String scope)
      throws IOException, RegistryFailedException, InterruptedException {
    Optional<AuthChallenge> challenge = AuthChallenge.preferred(refusal.challenges());
    if (challenge.isEmpty()) {
      throw new RegistryFailedException(
          Trouble.UNAUTHORIZED,
          "registry " + origin.base().getAuthority() + " names no way to log in that we know");
    }
    switch (challenge.get()) {
      case AuthChallenge.Basic _ -> headers.put(scope, basic());
      case AuthChallenge.Bearer bearer -> headers.put(scope, "Bearer " + token(bearer, scope));
    }
  }

  private String basic() throws RegistryFailedException {
    Login known =
        login.orElseThrow(
            () ->
                new RegistryFailedException(
                    Trouble.UNAUTHORIZED,
                    "registry "
                        + origin.base().getAuthority()
                        + " wants a log-in, configure one for it"));
    return basic(known);
  }

  private static String basic(Login login) {
    byte[] pair = (login.user() + ":" + login.password()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private String token(AuthChallenge.Bearer challenge, String scope)
      throws IOException, RegistryFailedException, InterruptedException {
    URI address = address(challenge, scope);
    HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(limits.answerTimeout());
    login.ifPresent(known -> request.header("Authorization", basic(known)));
    HttpResponse<InputStream> response =
        transport.http(address).send(request.build(), BodyHandlers.ofInputStream());
    try (InputStream body = transport.guarded(response.body())) {
      byte[] content = body.readNBytes(TOKEN_BYTES_MAX);
      if (response.statusCode() != 200) {
        throw new RegistryFailedException(
            Trouble.UNAUTHORIZED,
            "token service "
                + address.getAuthority()
                + " answers "
                + response.statusCode()
                + ", check the log-in for "
                + origin.base().getAuthority());
      }
      JsonNode answer = MAPPER.readTree(content);
      String token = answer.path("token").asText(answer.path("access_token").asText(""));
      if (token.isEmpty()) {
        throw new RegistryFailedException(
            Trouble.UNAUTHORIZED, "token service " + address.getAuthority() + " gives no token");
      }
      return token;
    }
  }

  private URI address(AuthChallenge.Bearer challenge, String scope) throws RegistryFailedException {
    String query =
        "scope="
            + encoded(scope)
            + (challenge.service() == null ? "" : "&service=" + encoded(challenge.service()));
    String realm = challenge.realm();
    URI address;
    try {
      address = URI.create(realm + (realm.indexOf('?') < 0 ? "?" : "&") + query);
    } catch (IllegalArgumentException e) {
      throw new RegistryFailedException(
          Trouble.UNAUTHORIZED, "token service at no address: '" + realm + "'", e);
    }
    Optional<String> objection = transport.redirects().objection(origin, address);
    if (objection.isPresent()) {
      throw new RegistryFailedException(
          Trouble.REDIRECT_REFUSED,
          "registry "
              + origin.base().getAuthority()
              + " names a token service, but "
              + objection.get());
    }
    return address;
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
