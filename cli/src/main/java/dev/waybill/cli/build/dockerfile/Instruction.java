package dev.waybill.cli.build.dockerfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One instruction, with its lines joined.
 *
 * @param line where it begins, from 1
 * @param name in capitals
 * @param flags {@code --name=value} before the arguments; one without a value has an empty one
 * @param text the arguments as they are written
 * @param documents texts that follow it, as {@code <<NAME} asks for, by their names
 */
public record Instruction(
    int line,
    String name,
    Map<String, String> flags,
    String text,
    Map<String, HereDocument> documents) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<String>> STRINGS = new TypeReference<>() {};

  /**
   * A text that follows an instruction.
   *
   * @param literal its name was quoted: variables in it stay as they are
   */
  public record HereDocument(String text, boolean literal) {}

  public Instruction {
    flags = new LinkedHashMap<>(flags);
    documents = new LinkedHashMap<>(documents);
  }

  /** The arguments where they are a JSON array of strings, as the exec form is. */
  public Optional<List<String>> array() {
    if (!text.startsWith("[")) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(text, STRINGS));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // A program may be called '[': then it is the shell's.
    }
  }

  /** Refuses flags that are not in {@code known}. */
  public void requireFlags(Set<String> known) {
    for (String flag : flags.keySet()) {
      if (!known.contains(flag)) {
        throw error(
            "%s has no flag --%s here%s"
                .formatted(
                    name,
                    flag,
                    known.isEmpty() ? "" : ", it knows --" + String.join(", --", known)));
      }
    }
  }

  /** The instruction as people wrote it, in one line. */
  public String shown() {
    var line = new StringBuilder(name);
    flags.forEach((flag, value) -> line.append(" --").append(flag).append('=').append(value));
    return line.append(' ').append(text).toString();
  }

  /** What to throw about it. */
  public DockerfileException error(String message) {
    return new DockerfileException(line, message);
  }
}
