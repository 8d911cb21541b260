package dev.waybill.allinone;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** {@code endpoints.json}: where the parts of a running platform are, for the CLI and for tests. */
final class Endpoints {
  private static final String NAME = "endpoints.json";

  private Endpoints() {}

  static void write(DataDirectory data, Map<String, String> endpoints) {
    try {
      Path temporary = data.part(NAME + ".new");
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(temporary.toFile(), endpoints);
      Files.move(temporary, data.part(NAME), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + data.part(NAME), e);
    }
  }

  static void remove(DataDirectory data) {
    try {
      Files.deleteIfExists(data.part(NAME));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + data.part(NAME), e);
    }
  }
}
