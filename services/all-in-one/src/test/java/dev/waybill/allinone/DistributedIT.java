package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.embedded.EmbeddedBroker;
import dev.waybill.embedded.EmbeddedDatabase;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.StaticProgram;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged application as three processes on a broker and a database that none of them started;
 * needs root.
 */
class DistributedIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BROKER_PORT = EmbeddedBroker.freePort();

  @TempDir static Path directory;
  private static final List<AutoCloseable> OPENED = new ArrayList<>();
  private static DataDirectory data;
  private static EmbeddedBroker broker;
  private static EmbeddedDatabase database;
  private static RunnerProcess runner;
  private static ServedPart api;
  private static ServedPart middle;
  private static ServedPart node;

  @BeforeAll
  static void startAll() throws Exception {
    data = DataDirectory.open(directory.resolve("data"));
    runner =
        RunnerProcess.start(
            Path.of(System.getProperty("waybill.home"), "native-runner"),
            data.runDirectory().resolve("runner"),
            data.part("native-runner.log"));
    OPENED.add(runner);
    broker = EmbeddedBroker.start(data.part("kafka"), BROKER_PORT);
    database = EmbeddedDatabase.start(data.part("postgres"));
    OPENED.add(database);
    Files.createDirectories(data.part("outbox"));
    api = part("platform-api", apiSettings());
    middle =
        part(
            "scheduling,networking,registry-sync,image,audit",
            Map.of(
                "waybill.image.data-directory", data.part("images").toString(),
                "waybill.image.token-file", tokenFile(),
                "waybill.platform-api.token-file", tokenFile()));
    runner.awaitReady();
    node = part("node-runner", nodeSettings());
    awaitReadiness(200, api, middle, node);
    var image = ImageMaker.image().program("tool", StaticProgram.compile(PlatformIT.TOOL)).make();
    ImagePush.to(middle.address(), "admin", token()).push(image, "tool", "1");
  }

  private static ServedPart part(String services, Map<String, String> own) throws Exception {
    Map<String, String> settings = new HashMap<>(own);
    settings.put("waybill.kafka.bootstrap-servers", "127.0.0.1:" + BROKER_PORT);
    var part = new ServedPart(directory.resolve(services), services, settings);
    OPENED.add(part);
    return part;
  }

  private static Map<String, String> apiSettings() {
    return Map.of(
        "quarkus.datasource.jdbc.url", database.jdbcUrl(),
        "quarkus.datasource.username", database.user(),
        "waybill.platform-api.token-file", tokenFile(),
        "waybill.platform-api.data-directory", data.part("outbox").toString(),
        "waybill.platform-api.default-subnet", Subnets.free());
  }

  private static Map<String, String> nodeSettings() {
    return Map.of(
        "waybill.node-runner.registry", middle.address().toString(),
        "waybill.node-runner.data-directory", data.part("node").toString(),
        "waybill.node-runner.runner-socket", runner.socket().toString(),
        "waybill.node-runner.token-file", tokenFile(),
        "waybill.node-runner.instance", data.instance());
  }

  private static String tokenFile() {
    return data.part("admin.token").toString();
  }

  private static String token() throws Exception {
    return Files.readString(Path.of(tokenFile())).strip();
  }

  @AfterAll
  static void stopAll() throws Exception {
    // Whatever of it stands: a start that failed half-way must leave nothing either.
    if (node != null && node.isAlive()) {
      node.send("POST", "/node/v1/stop-containers", "", token());
    }
    for (AutoCloseable opened : OPENED.reversed()) {
      opened.close();
    }
    if (broker != null) {
      broker.close();
    }
    HostTraces.sweep(data);
    data.close();
  }

  @Test
  void a_container_goes_through_all_processes_and_its_facts_are_on_the_log() throws Exception {
    String id = run("7");
    JsonNode end = ended(id);

    assertThat(end.path("exitCode").asInt(-1)).as(end.toString()).isEqualTo(7);
    // The output passes from the node's process through the API's.
    assertThat(text(api, "/v1/containers/" + id + "/logs")).contains("hello\n", "aside\n");
    assertThat(text(middle, "/v1/audit/timeline?subject=container/" + id))
        .contains("RunRequested", "ContainerScheduled", "ContainerExited");
  }

  @Test
  void each_process_serves_its_own_routes_and_no_others() throws Exception {
    assertThat(api.send("GET", "/v1/status", "", token()).statusCode()).isEqualTo(200);
    assertThat(middle.send("GET", "/v1/status", "", token()).statusCode()).isEqualTo(404);
    assertThat(api.send("GET", "/v1/audit/replay", "", token()).statusCode()).isEqualTo(404);
    assertThat(node.send("GET", "/v2/", "", token()).statusCode()).isEqualTo(404);
    for (ServedPart part : List.of(api, middle, node)) {
      assertThat(part.status("/health/live")).isEqualTo(200);
    }
  }

  @Test
  void the_platform_goes_on_after_a_broker_that_went_away_and_came_back() throws Exception {
    broker.close();
    awaitReadiness(503, api, middle, node);
    broker = EmbeddedBroker.start(data.part("kafka"), BROKER_PORT);
    awaitReadiness(200, api, middle, node);
    JsonNode end = ended(run("9"));

    assertThat(end.path("exitCode").asInt(-1)).as(end.toString()).isEqualTo(9);
    // They waited, well within the minute that Kafka's clients do by default.
    assertThat(List.of(api, middle, node)).allMatch(ServedPart::isAlive);
    for (JsonNode outcome : JSON.readTree(text(middle, "/v1/audit/replay"))) {
      assertThat(outcome.path("agrees").asBoolean()).as(outcome.toString()).isTrue();
    }
  }

  @Test
  void what_cannot_be_ends_with_2_and_one_line() throws Exception {
    List<String> command = new ArrayList<>(ServedPart.command());
    command.addAll(List.of("--services", "scheduling"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(said)
        .isEqualTo(
            "waybill serve: every service needs the setting waybill.kafka.bootstrap-servers\n");
  }

  private static void awaitReadiness(int status, ServedPart... parts) throws Exception {
    for (ServedPart part : parts) {
      part.awaitReadiness(status);
      assertThat(part.status("/health/live")).isEqualTo(200);
    }
  }

  private static String run(String code) throws Exception {
    ObjectNode body = JSON.createObjectNode();
    ObjectNode spec = body.putObject("spec").put("image", "tool:1");
    spec.putArray("command").add("say").add("hello").add(code);
    var answer = api.send("POST", "/v1/containers", body.toString(), token());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return JSON.readTree(answer.body()).path("id").asText();
  }

  private static JsonNode ended(String id) throws Exception {
    return JSON.readTree(text(api, "/v1/containers/" + id + "/wait?until=ended&timeoutMs=20000"));
  }

  private static String text(ServedPart from, String path) throws Exception {
    var answer = from.send("GET", path, "", token());
    assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
    return answer.body();
  }
}
