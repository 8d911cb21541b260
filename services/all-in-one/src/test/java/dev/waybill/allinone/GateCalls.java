package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.testkit.image.MadeImage;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What tests of the gate ask of a platform. */
record GateCalls(RunningPlatform platform) {
  private static final Duration SOON = Duration.ofSeconds(40);

  void gate(String name, ObjectNode policy) throws Exception {
    ObjectNode body = RunningPlatform.JSON.createObjectNode().put("name", name);
    body.set("policy", policy);
    int before = events("GatePolicySet", "gate/" + name).size();
    HttpResponse<String> answer =
        platform.send("POST", "/v1/gates", body.toString(), platform.token());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    await(() -> events("GatePolicySet", "gate/" + name).size() > before);
  }

  void scan(MadeImage image, String severity, int status) throws Exception {
    String report =
        """
        {"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"tools":[{"name":"scanner"}]},
         "vulnerabilities":[{"id":"CVE-1","ratings":[{"severity":"%s"}]}]}"""
            .formatted(severity);
    HttpResponse<String> answer =
        platform.send("POST", "/v1/images/" + image.digest() + "/scans", report, platform.token());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
  }

  String run(String namespace, String image) throws Exception {
    ObjectNode body = RunningPlatform.JSON.createObjectNode().put("namespace", namespace);
    body.set("spec", sleeping(image));
    HttpResponse<String> answer =
        platform.send("POST", "/v1/containers", body.toString(), platform.token());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return RunningPlatform.JSON.readTree(answer.body()).path("id").asText();
  }

  private static ObjectNode sleeping(String image) {
    ObjectNode spec = PlatformIT.spec().put("image", image);
    spec.putArray("command").add("sleep").add("600");
    spec.put("stopGraceMs", 100);
    return spec;
  }

  void apply(String namespace, String name, String image, int replicas) throws Exception {
    ObjectNode body =
        RunningPlatform.JSON
            .createObjectNode()
            .put("name", name)
            .put("namespace", namespace)
            .put("replicas", replicas);
    body.set("spec", sleeping(image));
    HttpResponse<String> answer =
        platform.send("POST", "/v1/workloads", body.toString(), platform.token());
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
  }

  void remove(String... ids) throws Exception {
    for (String id : ids) {
      platform.send("DELETE", "/v1/containers/" + id + "?force=true", "", platform.token());
    }
  }

  long running(String workload) throws Exception {
    long count = 0;
    for (JsonNode container : platform.get("/v1/containers?workload=" + workload)) {
      count += container.path("status").asText().equals("running") ? 1 : 0;
    }
    return count;
  }

  JsonNode verify(String namespace, String image) throws Exception {
    String body = "{\"reference\":\"%s\",\"namespace\":\"%s\"}".formatted(image, namespace);
    HttpResponse<String> asked = platform.send("POST", "/v1/images/verify", body, platform.token());
    assertThat(asked.statusCode()).as(asked.body()).isEqualTo(202);
    String request = RunningPlatform.JSON.readTree(asked.body()).path("requestId").asText();
    JsonNode answer = platform.get("/v1/images/verify/" + request + "?timeoutMs=60000");
    assertThat(answer.path("done").asBoolean()).as(answer.toString()).isTrue();
    return answer;
  }

  List<JsonNode> events(String type, String subject) throws Exception {
    var events = new ArrayList<JsonNode>();
    String stream = platform.text("/v1/events?type=" + type + "&subject=" + subject);
    for (String line : stream.lines().toList()) {
      if (line.startsWith("data: ")) {
        events.add(RunningPlatform.JSON.readTree(line.substring("data: ".length())));
      }
    }
    return events;
  }

  JsonNode until(String id, Predicate<JsonNode> condition) throws Exception {
    Instant deadline = Instant.now().plus(SOON);
    JsonNode seen = RunningPlatform.JSON.nullNode();
    while (Instant.now().isBefore(deadline)) {
      HttpResponse<String> answer =
          platform.send("GET", "/v1/containers/" + id, "", platform.token());
      seen = RunningPlatform.JSON.readTree(answer.body());
      if (answer.statusCode() == 200 && condition.test(seen)) {
        return seen;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("not so within " + SOON + ": " + seen);
  }

  /** What shall come to be so. */
  interface Check {
    boolean holds() throws Exception;
  }

  void await(Check check) throws Exception {
    Instant deadline = Instant.now().plus(SOON);
    while (!check.holds()) {
      assertThat(Instant.now()).isBefore(deadline);
      Thread.sleep(50);
    }
  }
}
