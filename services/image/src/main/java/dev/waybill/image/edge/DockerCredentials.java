package dev.waybill.image.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.image.ingest.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/** Log-ins from a file as {@code docker login} writes it, read anew each time. */
final class DockerCredentials implements Credentials {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path file;

  DockerCredentials(Path file) {
    this.file = file;
  }

  @Override
  public Optional<Login> forHost(String host) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode auths = MAPPER.readTree(file.toFile()).path("auths");
      String key = host.equals("docker.io") ? "https://index.docker.io/v1/" : host;
      JsonNode entry = auths.path(auths.has(key) ? key : host);
      return login(entry);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the credentials in " + file, e);
    }
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
