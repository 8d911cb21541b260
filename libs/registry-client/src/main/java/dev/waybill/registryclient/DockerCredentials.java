package dev.waybill.registryclient;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.oci.image.Reference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Log-ins from a file as {@code docker login} writes it, read anew each time. A credential helper
 * that it names for a registry, or for all, is asked before the file itself.
 */
public final class DockerCredentials implements Credentials {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final String HUB = "https://index.docker.io/v1/";

  private final Path file;
  private final Map<String, String> environment;

  /**
   * @param environment for credential helpers, which look for {@code HOME} and are looked for in
   *     {@code PATH}
   */
  public DockerCredentials(Path file, Map<String, String> environment) {
    this.file = file;
    this.environment = Map.copyOf(environment);
  }

  @Override
  public Optional<Login> forHost(String host) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode config = MAPPER.readTree(file.toFile());
      Optional<Login> helped =
          helper(config, host)
              .flatMap(name -> CredentialProgram.of(name, environment).get(serverOf(host)));
      return helped.isPresent() ? helped : listed(config, host);
    } catch (IOException e) {
      throw new CredentialsUnusableException("cannot read the credentials in " + file, e);
    }
  }

  private static Optional<String> helper(JsonNode config, String host) {
    for (var entry : config.path("credHelpers").properties()) {
      if (registryOf(entry.getKey()).equals(host)) {
        return Optional.of(entry.getValue().asText());
      }
    }
    return Optional.of(config.path("credsStore").asText("")).filter(name -> !name.isEmpty());
  }

  /** Helpers know Docker Hub by a URL of older times. */
  private static String serverOf(String host) {
    return host.equals(Reference.DEFAULT_HOST) ? HUB : host;
  }

  private static Optional<Login> listed(JsonNode config, String host) {
    for (var entry : config.path("auths").properties()) {
      if (registryOf(entry.getKey()).equals(host)) {
        return login(entry.getValue());
      }
    }
    return Optional.empty();
  }

  /** Entries are named by a host, or by a URL of older times. */
  private static String registryOf(String key) {
    String withoutScheme = key.replaceFirst("^https?://", "");
    return Reference.canonicalHost(withoutScheme.replaceFirst("/.*$", ""));
  }

  private static Optional<Login> login(JsonNode entry) {
    String pair =
        new String(
            Base64.getDecoder().decode(entry.path("auth").asText("")), StandardCharsets.UTF_8);
    int colon = pair.indexOf(':');
    return colon < 0
        ? Optional.empty()
        : Optional.of(new Login(pair.substring(0, colon), pair.substring(colon + 1)));
  }
}
