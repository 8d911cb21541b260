package dev.waybill.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.api.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The platform under demonstration, spoken to as a user does: by the launcher. */
final class Platform {
  private static final Duration COMMAND_WITHIN = Duration.ofSeconds(120);

  private final Path home;
  private final Path data;
  private final Console console;

  Platform(Path home, Path data, Console console) {
    this.home = home;
    this.data = data;
    this.console = console;
  }

  /**
   * What a command came to.
   *
   * @param output of both streams
   */
  record Result(int exitCode, String output) {
    List<String> lines() {
      return output.lines().toList();
    }
  }

  /** Runs a command, shows it, and expects exit code 0. */
  Result run(String... arguments) {
    console.command("waybill " + String.join(" ", arguments));
    Result result = attempt(arguments);
    if (result.exitCode() != 0) {
      throw new StepFailedException(
          "expected 'waybill %s' to exit with 0, it exits with %d: %s"
              .formatted(String.join(" ", arguments), result.exitCode(), result.output().strip()));
    }
    return result;
  }

  /** Runs a command, whatever comes of it. */
  Result attempt(String... arguments) {
    var command = new ArrayList<String>();
    command.add(home.resolve("waybill").toString());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("WAYBILL_DATA", data.toString());
    builder.environment().remove("WAYBILL_API");
    try {
      Path output = Files.createTempFile("waybill-demo-", ".out");
      try {
        Process process = builder.redirectOutput(output.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(COMMAND_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new StepFailedException(
              "expected 'waybill %s' to end within %d s, it doesn't"
                  .formatted(arguments[0], COMMAND_WITHIN.toSeconds()));
        }
        return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command.getFirst(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StepFailedException("interrupted");
    }
  }

  JsonNode json(String... arguments) {
    Result result = attempt(arguments);
    try {
      return ApiClient.JSON.readTree(result.output());
    } catch (IOException e) {
      throw new StepFailedException(
          "expected JSON from 'waybill %s', got: %s"
              .formatted(String.join(" ", arguments), result.output().strip()));
    }
  }

  ApiClient client() {
    return new ApiClient(Target.find(Optional.of(data)));
  }

  Path data() {
    return data;
  }
}
