package dev.waybill.cli.definition;

import dev.waybill.cli.CliException;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.compose.ComposeFile;
import dev.waybill.cli.compose.Definition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code -f FILE}: a definition from a file, a directory's Compose file, or standard input. */
public final class DefinitionFile {
  private static final List<String> NAMES =
      List.of("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml");

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE|DIR|-",
      description = "Compose file, a directory that has one, or - for standard input.")
  String file = "";

  @Option(
      names = {"-p", "--project"},
      description = "Name that ties it together (default: the file's directory).")
  Optional<String> project = Optional.empty();

  Definition read() {
    try {
      if (file.equals("-")) {
        String text = new String(Caller.current().in().readAllBytes(), StandardCharsets.UTF_8);
        return ComposeFile.read(
            "stdin", text, project.orElse("default"), Caller.current().environment());
      }
      Path path = find(Caller.path(file));
      return ComposeFile.read(
          path.toString(),
          Files.readString(path),
          project.orElse(directoryName(path)),
          Caller.current().environment());
    } catch (IOException e) {
      throw CliException.failed("cannot read " + file + ": " + e.getMessage());
    }
  }

  private static Path find(Path path) {
    if (!Files.isDirectory(path)) {
      if (!Files.exists(path)) {
        throw CliException.failed("no file " + path);
      }
      return path;
    }
    return NAMES.stream()
        .map(path::resolve)
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(() -> CliException.failed(path + " has none of " + String.join(", ", NAMES)));
  }

  /** A name that the platform takes: letters, digits, '_' and '-'. */
  private static String directoryName(Path file) {
    Path parent = file.getParent();
    Path name = parent == null ? null : parent.getFileName();
    String plain =
        name == null ? "" : name.toString().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "");
    return plain.isEmpty() || !Character.isLetterOrDigit(plain.charAt(0)) ? "default" : plain;
  }
}
