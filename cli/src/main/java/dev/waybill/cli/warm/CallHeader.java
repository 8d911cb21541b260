package dev.waybill.cli.warm;

import dev.waybill.cli.caller.Caller.Terminal.Size;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The first frame: strings that end with a zero byte each. Directory, rows, columns, number of
 * arguments, arguments, and the environment as {@code NAME=VALUE}.
 *
 * @param size absent where the caller's input is no terminal
 */
record CallHeader(
    Path directory, Optional<Size> size, List<String> arguments, Map<String, String> environment) {
  private static final int ARGUMENTS = 4;

  static CallHeader parse(byte[] payload) throws IOException {
    String text = new String(payload, StandardCharsets.UTF_8);
    List<String> fields = List.of(text.split("\0", -1));
    try {
      int rows = Integer.parseInt(fields.get(1));
      int columns = Integer.parseInt(fields.get(2));
      int environment = ARGUMENTS + Integer.parseInt(fields.get(3));
      Map<String, String> variables = new HashMap<>();
      // What follows the last zero is empty and no variable.
      for (String entry : fields.subList(environment, fields.size() - 1)) {
        int equals = entry.indexOf('=');
        if (equals > 0) {
          variables.put(entry.substring(0, equals), entry.substring(equals + 1));
        }
      }
      return new CallHeader(
          Path.of(fields.getFirst()),
          rows > 0 ? Optional.of(new Size(rows, columns)) : Optional.empty(),
          fields.subList(ARGUMENTS, environment),
          Map.copyOf(variables));
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IOException("the call's header is malformed", e);
    }
  }
}
