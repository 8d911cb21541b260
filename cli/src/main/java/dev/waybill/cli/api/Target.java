package dev.waybill.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.cli.CliException;
import dev.waybill.cli.caller.Caller;
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
        .or(() -> Caller.variable("WAYBILL_DATA").map(Path::of))
        .map(path -> Caller.path(path.toString()))
        .orElse(Path.of(DEFAULT_DATA));
  }

  /** Finds it, or says what to start. */
  public static Target find(Optional<Path> dataOption) {
    Optional<String> api = Caller.variable("WAYBILL_API");
    Optional<String> token = Caller.variable("WAYBILL_TOKEN");
    if (dataOption.isEmpty() && api.isPresent() && token.isPresent()) {
      return new Target(URI.create(api.get()), token.get(), new ObjectMapper().createObjectNode());
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
