package dev.waybill.allinone;

import dev.waybill.embedded.EmbeddedBroker;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Some of the services as a process of their own, started as a deployment starts them. */
final class ServedPart implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(30);
  private static final long BETWEEN_LOOKS_MS = 20;

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = EmbeddedBroker.freePort();
  private final Path log;
  private final Process process;

  ServedPart(Path directory, String services, Map<String, String> settings) throws IOException {
    Files.createDirectories(directory);
    this.log = directory.resolve("log");
    Path file = directory.resolve("waybill.properties");
    var lines = new ArrayList<String>(List.of("quarkus.http.port=" + port));
    settings.forEach((key, value) -> lines.add(key + "=" + value));
    Files.write(file, lines);
    List<String> command = new ArrayList<>(command());
    command.addAll(List.of("--services", services, "--config", file.toString()));
    this.process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  /** How a part is started, its options left to be added. */
  static List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx256m",
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-jar",
        Path.of(System.getProperty("waybill.home"))
            .resolve("services/all-in-one/target/quarkus-app/quarkus-run.jar")
            .toString(),
        "serve");
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + port);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  private String log() throws IOException {
    return Files.readString(log);
  }

  HttpResponse<String> send(String method, String path, String body, String token)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address().resolve(path))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + token)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** The answer's status, 0 where nothing listens. */
  int status(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address().resolve(path)).timeout(Duration.ofSeconds(10)).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (ConnectException e) {
      return 0;
    }
  }

  /** Waits for that answer of the readiness route. */
  void awaitReadiness(int status) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    int last = status("/health/ready");
    while (last != status) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "readiness is %d instead of %d:%n%s".formatted(last, status, log()));
      }
      Thread.sleep(BETWEEN_LOOKS_MS);
      last = status("/health/ready");
    }
  }

  /** Ends it as Kubernetes does. */
  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    http.close();
  }
}
