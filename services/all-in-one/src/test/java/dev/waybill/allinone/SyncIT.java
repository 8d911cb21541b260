package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.Waybill;
import dev.waybill.cli.caller.Caller;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImageSigner;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mirrors, their upstreams' notifications and log-ins, with the commands that people type. */
class SyncIT {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String PASSWORD = "a-password-that-stands-nowhere-else";

  @TempDir static Path directory;
  private static RunningPlatform platform;

  @BeforeAll
  static void startPlatform() throws Exception {
    platform = new RunningPlatform(directory.resolve("data"));
  }

  @AfterAll
  static void stopPlatform() throws Exception {
    platform.close();
  }

  @Test
  void a_mirror_follows_its_filter_its_upstream_and_its_pruning_rule() throws Exception {
    try (var upstream = LoopbackRegistry.start()) {
      for (String tag : List.of("1.0.0", "1.1.0", "1.2.0", "2.0.0")) {
        upstream.add("demo/app", tag, image(tag));
      }
      String repository = upstream.host() + "/demo/app";
      Said set =
          waybill(
              "",
              "registry",
              "policy",
              "set",
              "app",
              repository,
              "--mirror",
              "--semver",
              "^1",
              "--latest",
              "2",
              "--prune",
              "--prune-grace",
              "0s",
              "--namespace",
              "mirrored");
      assertThat(set.code()).as(set.text()).isZero();
      await(() -> status("app").path("mirrored").asInt() == 2);
      assertThat(status("app").path("tagsSeen").asInt()).isEqualTo(4);
      assertThat(status("app").path("bytes").asLong()).isPositive();
      assertThat(images()).contains(repository + ":1.2.0", repository + ":1.1.0");

      upstream.add("demo/app", "1.3.0", image("1.3.0"));
      JsonNode hook = platform.get("/v1/policies/app/webhook");
      String push =
          "{\"events\":[{\"action\":\"push\",\"target\":{\"repository\":\"demo/app\",\"tag\":\"1.3.0\"}}]}";
      String path = hook.path("path").asText();
      assertThat(platform.send("POST", path, push, "wrong").statusCode()).isEqualTo(401);
      assertThat(
              platform
                  .send("POST", path, push.replace("app", "other"), hook.path("token").asText())
                  .body())
          .isEqualTo("{\"asked\":false}");
      assertThat(platform.send("GET", "/v1/policies", "", hook.path("token").asText()).statusCode())
          .isEqualTo(401);
      assertThat(platform.send("POST", path, push, hook.path("token").asText()).statusCode())
          .isEqualTo(202);
      await(() -> images().contains(repository + ":1.3.0"));
      await(() -> !images().contains(repository + ":1.1.0"));
      assertThat(events("MirrorTagPruned")).hasSize(1);
      Said table = waybill("", "registry", "status", "app");
      assertThat(table.text()).contains("app", "ok", "LAST SUCCESS");
    }
  }

  @Test
  void platforms_are_copied_under_a_cap_and_what_is_signed_later_follows() throws Exception {
    try (var upstream = LoopbackRegistry.start()) {
      MadeImage amd64 = image("amd64", "linux/amd64");
      MadeImage arm64 = image("arm64", "linux/arm64/v8");
      MadeImage index = ImageMaker.index(amd64, arm64, image("riscv", "linux/riscv64"));
      upstream.add("multi/app", "1", index);
      Said set =
          waybill(
              "",
              "registry",
              "policy",
              "set",
              "multi",
              upstream.host() + "/multi/app",
              "--mirror",
              "--tags",
              "1",
              "--platforms",
              "linux/amd64,linux/arm64",
              "--bandwidth",
              "10MB/s",
              "--namespace",
              "multi");
      assertThat(set.code()).as(set.text()).isZero();
      assertThat(set.text()).contains("for other platforms of an index the mirror answers 404");
      await(() -> status("multi").path("mirrored").asInt() == 1);

      String mirror = "/v2/mirror/" + upstream.host().replace(':', '_') + "/multi/app/manifests/";
      assertThat(registry(mirror + "1").statusCode()).isEqualTo(200);
      assertThat(registry(mirror + "1").body())
          .as("the index as it is upstream")
          .isEqualTo(new String(index.documents().getLast().content(), StandardCharsets.UTF_8));
      assertThat(registry(mirror + arm64.digest()).statusCode()).isEqualTo(200);
      Digest riscv = index.documents().get(2).descriptor().digest();
      assertThat(registry(mirror + riscv).statusCode()).isEqualTo(404);
      assertThat(waybill("", "registry", "policy", "ls").text())
          .contains("linux/amd64,linux/arm64");
      assertThat(waybill("", "registry", "status", "multi").text()).contains("10.0 MiB/s");
      JsonNode mirrored = status("multi");
      assertThat(mirrored.path("lastSuccess").asText()).isNotEmpty();
      assertThat(mirrored.has("nextRun") && mirrored.has("lagMs")).isTrue();

      String signature = ImageSigner.tag(index.digest(), "sig");
      assertThat(registry(mirror + signature).statusCode()).isEqualTo(404);
      upstream.add(
          "multi/app",
          signature,
          ImageSigner.create().signature(upstream.host() + "/multi/app", index.digest()));
      waybill("", "registry", "sync", "multi");
      await(() -> registry(mirror + signature).statusCode() == 200);
    }
  }

  private static HttpResponse<String> registry(String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      String pair = "admin:" + platform.token();
      String basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
      return http.send(
          HttpRequest.newBuilder(platform.address().resolve(path))
              .header("Authorization", "Basic " + basic)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void a_pull_through_policy_copies_what_is_asked_for_and_nothing_ahead() throws Exception {
    try (var upstream = LoopbackRegistry.start()) {
      upstream.add("team/tool", "1", image("asked"));
      upstream.add("team/tool", "2", image("not asked"));
      String tool = upstream.host() + "/team/tool";
      waybill(
          "",
          "registry",
          "policy",
          "set",
          "through",
          upstream.host() + "/team/*",
          "--pull-through",
          "--namespace",
          "through");
      assertThat(pull(tool + ":1", "through").path("good").asBoolean()).isTrue();
      await(() -> status("through").path("mirrored").asInt() == 1);
      assertThat(status("through").path("bytes").asLong()).isPositive();
      assertThat(upstream.requestsWith("team/tool/manifests/2")).isZero();
      assertThat(pull(upstream.host() + "/other/tool:1", "through").path("text").asText())
          .contains("is outside policy");
      Said refused = waybill("", "registry", "sync", "through");
      assertThat(refused.text()).contains("mirrors nothing");
    }
  }

  @Test
  void what_is_wrong_with_a_policy_is_said_in_one_line() throws Exception {
    assertThat(
            waybill("", "registry", "policy", "set", "x", "a.example/b", "--semver", "new").text())
        .contains("semver: 'new' in 'new' is no version range, write it like");
    assertThat(waybill("", "registry", "policy", "set", "x", "a.example/b", "--regex", "(").text())
        .contains("regex: '(' is no regular expression");
    assertThat(waybill("", "registry", "policy", "set", "x", "a.example/b", "--latest", "2").text())
        .contains("narrow down what is mirrored");
    assertThat(waybill("", "registry", "policy", "set", "x").code()).isEqualTo(2);
    assertThat(
            waybill("", "registry", "policy", "set", "x", "a.example/b", "--bandwidth", "2").text())
        .contains("bytesPerSecond is for policies that copy");
    assertThat(
            waybill(
                    "",
                    "registry",
                    "policy",
                    "set",
                    "x",
                    "a.example/b",
                    "--mirror",
                    "--platforms",
                    "amd64")
                .text())
        .contains("platforms: not a platform");
    assertThat(waybill("", "registry", "logout", "none.example").text()).contains("no log-in for");
  }

  @Test
  void a_namespaces_log_in_fetches_its_images_and_its_password_stands_nowhere() throws Exception {
    try (var upstream = LoopbackRegistry.start()) {
      upstream.inject(new Fault.BasicRequired("robot", PASSWORD));
      upstream.add("private/app", "1", image("private"));
      String image = upstream.host() + "/private/app:1";
      assertThat(pull(image, "secret").path("good").asBoolean()).isFalse();
      Said in =
          waybill(
              PASSWORD + "\n",
              "registry",
              "login",
              upstream.host(),
              "-u",
              "robot",
              "--password-stdin",
              "--namespace",
              "secret");
      assertThat(in.text()).isEqualTo("logged in to " + upstream.host() + " as robot\n");
      assertThat(pull(image, "other").path("good").asBoolean()).isFalse();
      JsonNode good = pull(image, "secret");
      assertThat(good.path("good").asBoolean()).as(good.toString()).isTrue();

      upstream.add("private/app", "2", image("second"));
      waybill(
          "",
          "registry",
          "policy",
          "set",
          "private",
          upstream.host() + "/private/app",
          "--mirror",
          "--namespace",
          "secret");
      await(() -> status("private").path("mirrored").asInt() == 2);

      assertThat(waybill("", "registry", "logins").text())
          .contains(upstream.host(), "robot", "secret");
      await(() -> events("RegistryLoginStored").size() == 1);
      assertThat(platform.text("/v1/events")).contains("robot").doesNotContain(PASSWORD);
      assertThat(filesWith(PASSWORD)).isEmpty();
      waybill("", "registry", "logout", upstream.host(), "--namespace", "secret");
      await(() -> events("RegistryLoginRemoved").size() == 1);
      assertThat(platform.get("/v1/logins").size()).isZero();
    }
  }

  private static List<Path> filesWith(String text) throws IOException {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    var holding = new ArrayList<Path>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (contains(Files.readAllBytes(file), wanted)) {
          holding.add(file);
        }
      }
    }
    return holding;
  }

  private static boolean contains(byte[] content, byte[] wanted) {
    String all = new String(content, StandardCharsets.ISO_8859_1);
    return all.contains(new String(wanted, StandardCharsets.ISO_8859_1));
  }

  private static JsonNode pull(String image, String namespace) throws Exception {
    String body =
        RunningPlatform.JSON
            .createObjectNode()
            .put("reference", image)
            .put("namespace", namespace)
            .toString();
    JsonNode asked =
        RunningPlatform.JSON.readTree(
            platform.send("POST", "/v1/images/pull", body, platform.token()).body());
    return platform.get("/v1/images/pull/" + asked.path("requestId").asText());
  }

  private static JsonNode status(String policy) throws Exception {
    for (JsonNode each : platform.get("/v1/policies")) {
      if (each.path("name").asText().equals(policy)) {
        return each.path("status");
      }
    }
    return RunningPlatform.JSON.missingNode();
  }

  private static List<String> images() throws Exception {
    var names = new ArrayList<String>();
    platform.get("/v1/images").forEach(image -> names.add(image.path("reference").asText()));
    return names;
  }

  private static List<JsonNode> events(String type) throws Exception {
    var found = new ArrayList<JsonNode>();
    for (String line : platform.text("/v1/events?type=" + type).lines().toList()) {
      if (line.startsWith("data: ")) {
        found.add(RunningPlatform.JSON.readTree(line.substring("data: ".length())));
      }
    }
    return found;
  }

  private static MadeImage image(String content, String platform) {
    return ImageMaker.image()
        .platform(Platform.parse(platform))
        .layer(LayerCompression.GZIP, LayerEntry.file("etc/motd", content))
        .make();
  }

  private static MadeImage image(String content) {
    return ImageMaker.image()
        .layer(LayerCompression.GZIP, LayerEntry.file("etc/motd", content))
        .make();
  }

  private record Said(int code, String text) {}

  private static Said waybill(String input, String... arguments) throws Exception {
    var said = new ByteArrayOutputStream();
    var out = new PrintStream(said, true, StandardCharsets.UTF_8);
    var caller =
        new Caller(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            out,
            out,
            directory,
            Map.of("WAYBILL_API", platform.address() + "", "WAYBILL_TOKEN", platform.token()),
            Caller.current().terminal());
    int code = caller.run(() -> Waybill.execute(arguments));
    return new Said(code, said.toString(StandardCharsets.UTF_8));
  }

  private interface Check {
    boolean holds() throws Exception;
  }

  private static void await(Check check) throws Exception {
    Instant end = Instant.now().plus(SOON);
    while (!check.holds()) {
      assertThat(Instant.now())
          .as("in time; policies are %s", platform.get("/v1/policies"))
          .isBefore(end);
      Thread.sleep(50);
    }
  }
}
