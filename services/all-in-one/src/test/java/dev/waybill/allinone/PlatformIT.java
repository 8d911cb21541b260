package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.StaticProgram;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged platform with real containers; needs root. */
class PlatformIT {
  private static final String IMAGE = "tool:1";

  /** One program for all that a test needs a container to do. */
  static final String TOOL =
      """
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <unistd.h>
      int main(int argc, char **argv) {
        if (argc > 1 && !strcmp(argv[1], "say")) { puts(argv[2]); fputs("aside\\n", stderr); return atoi(argv[3]); }
        if (argc > 1 && !strcmp(argv[1], "env")) { puts(getenv(argv[2]) ? getenv(argv[2]) : "unset"); return 0; }
        if (argc > 1 && !strcmp(argv[1], "eat")) {
          for (size_t i = 0; i < 512; i++) { char *p = malloc(1 << 20); memset(p, 7, 1 << 20); }
          return 0;
        }
        if (argc > 1 && !strcmp(argv[1], "sleep")) { sleep(atoi(argv[2])); return 0; }
        return 0;
      }
      """;

  @TempDir static Path directory;
  private static RunningPlatform platform;

  @BeforeAll
  static void startPlatform() throws Exception {
    platform = new RunningPlatform(directory.resolve("data"));
    pushTool(platform);
  }

  static void pushTool(RunningPlatform to) throws Exception {
    var image = ImageMaker.image().program("tool", StaticProgram.compile(TOOL)).make();
    ImagePush.to(to.address(), "admin", to.token()).push(image, "tool", "1");
  }

  @AfterAll
  static void stopPlatform() throws Exception {
    platform.close();
  }

  @Test
  void a_container_gives_its_output_on_both_streams_and_its_exit_code() throws Exception {
    String id = platform.run(IMAGE, spec(), "say", "hello", "7");
    JsonNode end = platform.ended(id);

    assertThat(end.path("exitCode").asInt()).as(end.toString()).isEqualTo(7);
    assertThat(end.path("planDigest").asText()).startsWith("sha256:");
    assertThat(platform.text("/v1/containers/" + id + "/logs")).contains("hello\n", "aside\n");
  }

  @Test
  void a_network_whose_names_nobody_can_answer_fails_a_start_with_the_reason_until_it_can()
      throws Exception {
    platform.send("POST", "/v1/networks", "{\"name\":\"held\"}", platform.token());
    String gateway = gateway("held");
    JsonNode refused;
    try {
      ip("add", gateway);
      try (var holder = new DatagramSocket(new InetSocketAddress(gateway, 53))) {
        refused = platform.ended(platform.run(IMAGE, spec().put("network", "held")));
        assertThat(holder.isBound()).isTrue();
      }
    } finally {
      ip("del", gateway);
    }
    JsonNode end = platform.ended(platform.run(IMAGE, spec().put("network", "held")));

    assertThat(refused.path("exitCode").asInt()).as(refused.toString()).isEqualTo(125);
    assertThat(refused.path("message").asText()).contains(gateway + ", port 53");
    assertThat(end.path("exitCode").asInt(-1)).as(end.toString()).isZero();
  }

  private static String gateway(String network) throws Exception {
    String subnet = "";
    while (subnet.isEmpty()) { // The request is answered before the log has it.
      for (JsonNode one : platform.get("/v1/networks")) {
        subnet = one.path("name").asText().equals(network) ? one.path("subnet").asText() : subnet;
      }
    }
    return subnet.replaceFirst("0/[0-9]+$", "1");
  }

  /** What holds the address before the node's own bridge has it. */
  private static void ip(String what, String address) throws Exception {
    var command = new ProcessBuilder("ip", "address", what, address + "/32", "dev", "lo");
    assertThat(command.inheritIO().start().waitFor()).isZero();
  }

  @Test
  void what_a_node_fetched_for_a_container_is_on_the_log_once() throws Exception {
    platform.ended(platform.run(IMAGE, spec()));
    JsonNode end = platform.ended(platform.run(IMAGE, spec()));

    String fetched =
        platform.text(
            "/v1/events?type=ImageCached&subject=image/" + end.path("imageDigest").asText());
    assertThat(fetched).containsOnlyOnce("\"unpackedLayers\":1");
  }

  @Test
  void what_the_user_asks_for_is_what_the_program_sees() throws Exception {
    ObjectNode spec = spec();
    spec.putObject("env").put("COLOUR", "green");
    String id = platform.run(IMAGE, spec, "env", "COLOUR");
    platform.ended(id);

    assertThat(platform.text("/v1/containers/" + id + "/logs")).isEqualTo("green\n");
  }

  @Test
  void a_command_that_the_image_lacks_ends_with_127_and_says_so() throws Exception {
    ObjectNode spec = spec();
    spec.putArray("entrypoint").add("/nosuch");
    JsonNode end = platform.ended(platform.run(IMAGE, spec));

    assertThat(end.path("exitCode").asInt()).as(end.toString()).isEqualTo(127);
    assertThat(end.path("message").asText()).contains("/nosuch");
  }

  @Test
  void the_memory_limit_ends_a_greedy_program_and_the_numbers_are_on_the_log() throws Exception {
    ObjectNode spec = spec();
    spec.putObject("resources").put("memoryBytes", 32L << 20);
    String id = platform.run(IMAGE, spec, "eat");
    JsonNode end = platform.ended(id);

    assertThat(end.path("oomKilled").asBoolean()).isTrue();
    assertThat(end.path("exitCode").asInt()).as(end.toString()).isEqualTo(137);
    assertThat(end.path("signal").asText()).isEqualTo("SIGKILL");
    assertThat(platform.text("/v1/events?type=OomKilled&subject=container/" + id))
        .contains("\"limitBytes\":\"33554432\"");
  }

  @Test
  void an_unreachable_registry_fails_the_container_with_the_reason() throws Exception {
    JsonNode end = platform.ended(platform.run("127.0.0.1:1/none/here:1", spec()));

    assertThat(end.path("status").asText()).isEqualTo("failed");
    assertThat(end.path("exitCode").asInt()).as(end.toString()).isEqualTo(125);
    assertThat(end.path("message").asText()).contains("127.0.0.1:1");
  }

  @Test
  void a_published_port_that_is_taken_is_named() throws Exception {
    try (var taken = new ServerSocket(0)) {
      ObjectNode spec = spec();
      spec.withArray("/ports")
          .addObject()
          .put("containerPort", 80)
          .put("hostPort", taken.getLocalPort());
      JsonNode end = platform.ended(platform.run(IMAGE, spec, "sleep", "5"));

      assertThat(end.path("exitCode").asInt()).as(end.toString()).isEqualTo(125);
      assertThat(end.path("message").asText()).contains(Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void more_than_any_node_has_waits_and_says_what_is_lacking() throws Exception {
    ObjectNode spec = spec();
    spec.putObject("resources").put("cpuMillis", 1_000_000);
    String id = platform.run(IMAGE, spec, "say", "x", "0");
    JsonNode waiting = platform.get("/v1/containers/" + id + "/wait?until=started&timeoutMs=2000");

    assertThat(waiting.path("status").asText()).isEqualTo("waiting");
    assertThat(waiting.path("message").asText()).contains("cpu", "needs 1000000m");
    platform.send("DELETE", "/v1/containers/" + id + "?force=true", "", platform.token());
  }

  @Test
  void who_has_no_token_gets_401() throws Exception {
    assertThat(status("GET", "/v1/containers", "", "wrong")).isEqualTo(401);
    assertThat(status("POST", "/v1/containers", "{}", "")).isEqualTo(401);
  }

  @Test
  void an_unknown_field_is_named() throws Exception {
    HttpResponse<String> answer =
        platform.send("POST", "/v1/containers", "{\"spec\":{\"imagee\":\"x\"}}", platform.token());

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("unknown field 'imagee'");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
  }

  @Test
  void an_oversize_request_is_refused() throws Exception {
    String body = "{\"name\":\"" + "x".repeat(2 << 20) + "\"}";
    assertThat(status("POST", "/v1/containers", body, platform.token())).isEqualTo(413);
  }

  @Test
  void a_name_is_taken_until_its_container_is_removed() throws Exception {
    String body =
        "{\"name\":\"solo\",\"spec\":{\"image\":\"tool:1\",\"command\":[\"sleep\",\"60\"]}}";
    HttpResponse<String> first = platform.send("POST", "/v1/containers", body, platform.token());
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(status("POST", "/v1/containers", body, platform.token())).isEqualTo(409);

    platform.get("/v1/containers/solo/wait?until=running");
    platform.send("DELETE", "/v1/containers/solo?force=true", "", platform.token());
    String id = RunningPlatform.JSON.readTree(first.body()).path("id").asText();
    platform.get("/v1/containers/" + id + "/wait?until=removed&timeoutMs=30000");
    HttpResponse<String> again = platform.send("POST", "/v1/containers", body, platform.token());
    assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
    platform.send("DELETE", "/v1/containers/solo?force=true", "", platform.token());
  }

  @Test
  void a_request_that_comes_again_with_its_key_gets_the_first_answer() throws Exception {
    String body = "{\"spec\":{\"image\":\"tool:1\",\"command\":[\"say\",\"once\",\"0\"]}}";
    HttpResponse<String> first = withKey(body, "key-1");
    HttpResponse<String> again = withKey(body, "key-1");

    assertThat(again.body()).isEqualTo(first.body());
    assertThat(withKey(body.replace("once", "twice"), "key-1").statusCode()).isEqualTo(422);
  }

  private static HttpResponse<String> withKey(String body, String key)
      throws IOException, InterruptedException {
    return platform.sendWithKey("/v1/containers", body, key);
  }

  @Test
  void an_image_that_something_runs_from_is_not_removed() throws Exception {
    String id = platform.run(IMAGE, spec(), "sleep", "30");
    platform.get("/v1/containers/" + id + "/wait?until=running&timeoutMs=30000");

    HttpResponse<String> refused =
        platform.send("DELETE", "/v1/images?reference=" + IMAGE, "", platform.token());

    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("is used by container run-" + id.substring(0, 8));
    platform.send("DELETE", "/v1/containers/" + id + "?force=true", "", platform.token());
  }

  @Test
  void a_prune_says_what_nothing_needs_and_leaves_what_a_tag_names() throws Exception {
    HttpResponse<String> asked =
        platform.send("POST", "/v1/images/prune?dryRun=true", "", platform.token());
    assertThat(asked.statusCode()).as(asked.body()).isEqualTo(202);
    String request = RunningPlatform.JSON.readTree(asked.body()).path("requestId").asText();

    JsonNode answer = platform.get("/v1/images/prune/" + request + "?timeoutMs=30000");

    assertThat(answer.path("good").asBoolean()).as(answer.toString()).isTrue();
    JsonNode pruned = RunningPlatform.JSON.readTree(answer.path("text").asText());
    assertThat(pruned.path("dryRun").asBoolean()).isTrue();
    assertThat(pruned.path("manifests")).isEmpty();
  }

  @Test
  void every_decider_decides_its_history_the_same_again() throws Exception {
    platform.ended(platform.run(IMAGE, spec(), "say", "x", "0"));

    for (JsonNode outcome : platform.get("/v1/audit/replay")) {
      assertThat(outcome.path("agrees").asBoolean()).as(outcome.toString()).isTrue();
    }
  }

  private static int status(String method, String path, String body, String token)
      throws IOException, InterruptedException {
    return platform.send(method, path, body, token).statusCode();
  }

  static ObjectNode spec() {
    ObjectNode spec = RunningPlatform.JSON.createObjectNode();
    spec.putArray("entrypoint").add("/tool");
    return spec;
  }
}
