package dev.waybill.registryclient;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.oci.image.Reference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/** Log-ins from a file as {@code docker login} writes it, read anew each time. */
public final class DockerCredentials implements Credentials {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path file;

  public DockerCredentials(Path file) {
    this.file = file;
  }

  @Override
  public Optional<Login> forHost(String host) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      for (var entry : MAPPER.readTree(file.toFile()).path("auths").properties()) {
        if (registryOf(entry.getKey()).equals(host)) {
          return login(entry.getValue());
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the credentials in " + file, e);
    }
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
