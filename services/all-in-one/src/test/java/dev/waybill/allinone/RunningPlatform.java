package dev.waybill.allinone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.embedded.EmbeddedBroker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged platform as a process of its own, to be used and killed. */
final class RunningPlatform implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration READY_WITHIN = Duration.ofSeconds(90);

  private final Path home = Path.of(System.getProperty("waybill.home"));
  private final Path data;
  private final Map<String, String> settings;
  private final int port = EmbeddedBroker.freePort();
  private final HttpClient http = HttpClient.newHttpClient();
  private Process process;

  RunningPlatform(Path data) throws IOException, InterruptedException {
    this(data, Map.of());
  }

  /**
   * @param settings beyond those of every platform
   */
  RunningPlatform(Path data, Map<String, String> settings)
      throws IOException, InterruptedException {
    this.data = data;
    this.settings = settings;
    start();
  }

  /** Starts it; returns when it is ready. */
  void start() throws IOException, InterruptedException {
    Path log = data.resolveSibling("platform.log");
    Path endpoints = data.resolve("endpoints.json");
    Files.deleteIfExists(endpoints);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
    settings.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.addAll(
        List.of(
            "-jar",
            home.resolve("services/all-in-one/target/quarkus-app/quarkus-run.jar").toString(),
            "--data",
            data.toString(),
            "--port",
            Integer.toString(port),
            "--home",
            home.toString()));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    while (!Files.exists(endpoints)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("platform not ready:\n" + Files.readString(log));
      }
      Thread.sleep(20);
    }
  }

  /** SIGKILL to the platform's JVM; native-runner and containers go on. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  String token() throws IOException {
    return Files.readString(data.resolve("admin.token")).strip();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + port);
  }

  HttpResponse<String> send(String method, String path, String body, String token)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address().resolve(path))
            .timeout(Duration.ofMinutes(2))
            .header("Authorization", "Bearer " + token)
            .method(method, HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> sendWithKey(String path, String body, String key)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address().resolve(path))
            .header("Authorization", "Bearer " + token())
            .header("Idempotency-Key", key)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer = send("GET", path, "", token());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(path + " gave " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  String text(String path) throws IOException, InterruptedException {
    return send("GET", path, "", token()).body();
  }

  /** Asks for a container; gives its id. */
  String run(String image, ObjectNode spec, String... command)
      throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    spec.put("image", image);
    for (String word : command) {
      spec.withArray("/command").add(word);
    }
    body.set("spec", spec);
    HttpResponse<String> answer = send("POST", "/v1/containers", body.toString(), token());
    if (answer.statusCode() != 201) {
      throw new IllegalStateException("run gave " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body()).path("id").asText();
  }

  JsonNode ended(String id) throws IOException, InterruptedException {
    return get("/v1/containers/" + id + "/wait?until=ended&timeoutMs=60000");
  }

  /** Stops containers and platform, as {@code waybill down} does. */
  @Override
  public void close() throws IOException, InterruptedException {
    if (process.isAlive()) {
      send("POST", "/node/v1/stop-containers", "", token());
      process.destroy();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    http.close();
  }
}
