package dev.waybill.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.cli.CliException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The platform that commands talk to: {@code WAYBILL_API} with {@code WAYBILL_TOKEN}, or the
 * embedded one of a data directory ({@code --data}, {@code WAYBILL_DATA}, /var/lib/waybill).
 */
public record Target(URI api, String token, JsonNode endpoints) {
  private static final String DEFAULT_DATA = "/var/lib/waybill";

  /** The data directory that the options and the environment name. */
  public static Path data(Optional<Path> option) {
    return option
        .or(() -> Optional.ofNullable(System.getenv("WAYBILL_DATA")).map(Path::of))
        .orElse(Path.of(DEFAULT_DATA))
        .toAbsolutePath();
  }

  /** Finds it, or says what to start. */
  public static Target find(Optional<Path> dataOption) {
    String api = System.getenv("WAYBILL_API");
    String token = System.getenv("WAYBILL_TOKEN");
    if (dataOption.isEmpty() && api != null && token != null) {
      return new Target(URI.create(api), token, new ObjectMapper().createObjectNode());
    }
    Path data = data(dataOption);
    Path file = data.resolve("endpoints.json");
    if (!Files.exists(file)) {
      throw CliException.failed(
          "no platform runs on %s, start one with 'waybill up -d' or name another with --data"
              .formatted(data));
    }
    try {
      JsonNode endpoints = new ObjectMapper().readTree(file.toFile());
      String secret = Files.readString(Path.of(endpoints.path("token_file").asText())).strip();
      return new Target(URI.create(endpoints.path("api").asText()), secret, endpoints);
    } catch (IOException e) {
      throw CliException.failed("cannot read " + file + ": " + e.getMessage());
    }
  }
}
