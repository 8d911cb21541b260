package dev.waybill.registryclient;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.registryclient.Credentials.Login;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A program {@code docker-credential-NAME} that keeps log-ins.
 *
 * @see <a href="https://github.com/docker/docker-credential-helpers">docker-credential-helpers</a>
 */
final class CredentialProgram {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int ANSWER_BYTES_MAX = 64 * 1024;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final String NOT_FOUND = "credentials not found";
  private static final String IDENTITY_TOKEN = "<token>";

  private final String program;
  private final Map<String, String> environment;

  private CredentialProgram(String program, Map<String, String> environment) {
    this.program = program;
    this.environment = environment;
  }

  /**
   * @param name as docker's configuration has it
   * @param environment in whose {@code PATH} the program is looked for
   */
  static CredentialProgram of(String name, Map<String, String> environment) {
    String program = "docker-credential-" + name;
    if (!NAME.matcher(name).matches()) {
      throw new CredentialsUnusableException("'" + name + "' names no credential helper");
    }
    for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path file = Path.of(directory).resolve(program);
      if (file.isAbsolute() && Files.isRegularFile(file) && Files.isExecutable(file)) {
        return new CredentialProgram(file.toString(), environment);
      }
    }
    throw new CredentialsUnusableException(
        "the credential helper " + program + " is not on the PATH, install it");
  }

  /** What it keeps for a registry, if anything. */
  Optional<Login> get(String server) {
    Answer answer;
    try {
      answer = run(server);
    } catch (IOException e) {
      throw new CredentialsUnusableException(program + " can't be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CredentialsUnusableException("interrupted while " + program + " ran", e);
    }
    if (answer.status() != 0) {
      if (answer.text().contains(NOT_FOUND)) {
        return Optional.empty();
      }
      // Its words may hold anything, so they are not repeated.
      throw new CredentialsUnusableException(
          "%s ended with %d for %s, try 'echo %s | %s get'"
              .formatted(program, answer.status(), server, server, program));
    }
    return Optional.of(login(answer.text()));
  }

  private Login login(String text) {
    JsonNode answer;
    try {
      answer = MAPPER.readTree(text);
    } catch (IOException e) {
      throw new CredentialsUnusableException(program + " doesn't answer in JSON");
    }
    String user = answer.path("Username").asText("");
    if (user.equals(IDENTITY_TOKEN)) {
      throw new CredentialsUnusableException(
          program + " keeps an identity token, which is not supported; log in with a password");
    }
    if (user.isEmpty()) {
      throw new CredentialsUnusableException(program + " answers without a user");
    }
    return new Login(user, answer.path("Secret").asText(""));
  }

  private record Answer(int status, String text) {}

  private Answer run(String server) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(program, "get").redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .execute(process::destroyForcibly);
    try (InputStream out = process.getInputStream()) {
      ask(process, server);
      String text = new String(out.readNBytes(ANSWER_BYTES_MAX), StandardCharsets.UTF_8);
      return new Answer(process.waitFor(), text);
    } finally {
      process.destroyForcibly();
    }
  }

  /** A helper that has but one answer may be gone before it is asked; what it said then counts. */
  private static void ask(Process process, String server) throws IOException {
    try (OutputStream in = process.getOutputStream()) {
      in.write(server.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      if (process.isAlive() && !isBrokenPipe(e)) {
        throw e;
      }
    }
  }

  private static boolean isBrokenPipe(IOException e) {
    return String.valueOf(e.getMessage()).contains("Broken pipe");
  }
}
