package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImageSigner;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.StaticProgram;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A container waits for a signature that its image's upstream doesn't have yet, and starts when the
 * mirror has brought it. The gate's own look at the upstream can't be what frees it: the log-in is
 * for the namespace of the mirror alone, so all that the container's namespace sees is what was
 * copied. Needs root.
 */
class LateSignatureIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String COPIES = "copies";

  @TempDir static Path directory;
  private static final ImageSigner SIGNER = ImageSigner.create();
  private static RunningPlatform platform;
  private static byte[] tool;

  @BeforeAll
  static void startPlatform() throws Exception {
    tool = StaticProgram.compile(PlatformIT.TOOL);
    platform = new RunningPlatform(directory.resolve("data"));
  }

  @AfterAll
  static void stopPlatform() throws Exception {
    platform.close();
  }

  @Test
  void a_held_container_starts_when_the_mirror_brings_the_signature_of_its_image()
      throws Exception {
    MadeImage image = image("alone", Platform.LINUX_AMD64);

    assertThat(heldUntilSigned("alone", image, image.digest()))
        .isEqualTo(image.digest().toString());
  }

  @Test
  void a_held_container_starts_when_the_mirror_brings_a_signature_over_its_platform_alone()
      throws Exception {
    MadeImage own = image("both", Platform.linux(System.getProperty("os.arch")));
    MadeImage index = ImageMaker.index(own, image("both", Platform.of("linux", "riscv64")));

    assertThat(heldUntilSigned("indexed", index, own.digest())).isEqualTo(own.digest().toString());
  }

  /** The digest that runs in the end. */
  private static String heldUntilSigned(String namespace, MadeImage image, Digest signed)
      throws Exception {
    try (var upstream = LoopbackRegistry.start()) {
      String repository = namespace + "/tool";
      upstream.inject(new Fault.BasicRequired("robot", "secret"));
      upstream.add(repository, "1", image);
      ObjectNode login = json().put("host", upstream.host()).put("user", "robot");
      post("/v1/logins", login.put("namespace", COPIES).put("password", "secret"));
      ObjectNode mirror = json().put("name", namespace).put("mirror", true);
      mirror.put("upstream", upstream.host() + "/" + repository).put("namespace", COPIES);
      post("/v1/policies", mirror);
      gate(namespace);
      await(() -> events("ImageMirrored").toString().contains(image.digest().toString()));

      String id = run(namespace, upstream.host() + "/" + repository + ":1");
      await(() -> container(id).path("message").asText().contains("no signature by release-key"));
      assertThat(container(id).path("status").asText()).isEqualTo("awaiting-image");

      upstream.add(
          repository, ImageSigner.tag(signed, "sig"), SIGNER.signature(repository, signed));
      post("/v1/policies/" + namespace + "/sync", json());

      await(() -> container(id).path("status").asText().equals("running"));
      assertThat(finds(signed))
          .as("the upstream let nobody see it but the mirror")
          .isNotEmpty()
          .allMatch(found -> found.contains(upstream.host() + " wants a log-in"));
      String digest = container(id).path("imageDigest").asText();
      platform.send("DELETE", "/v1/containers/" + id + "?force=true", "", platform.token());
      return digest;
    }
  }

  /** What looks said that found a signature over this digest. */
  private static List<String> finds(Digest digest) throws Exception {
    return events("EvidenceFound").stream()
        .map(event -> event.path("data").toString())
        .filter(found -> found.contains("\"signedDigest\":\"" + digest + "\""))
        .toList();
  }

  private static MadeImage image(String text, Platform platform) {
    return ImageMaker.image()
        .platform(platform)
        .layer(LayerCompression.GZIP, LayerEntry.file("etc/which", text + platform))
        .program("tool", tool)
        .make();
  }

  private static void gate(String namespace) throws Exception {
    ObjectNode policy = json().put("namespace", namespace);
    policy
        .withArray("/signatures")
        .addObject()
        .withArray("/signers")
        .addObject()
        .put("name", "release-key")
        .put("publicKey", SIGNER.pem());
    ObjectNode body = json().put("name", namespace);
    body.set("policy", policy);
    post("/v1/gates", body);
    await(() -> events("GatePolicySet").toString().contains("\"" + namespace + "\""));
  }

  private static String run(String namespace, String image) throws Exception {
    ObjectNode spec = PlatformIT.spec().put("image", image);
    spec.putArray("command").add("sleep").add("600");
    spec.put("stopGraceMs", 100);
    ObjectNode body = json().put("namespace", namespace);
    body.set("spec", spec);
    return post("/v1/containers", body).path("id").asText();
  }

  private static JsonNode container(String id) throws Exception {
    return platform.get("/v1/containers/" + id);
  }

  private static ObjectNode json() {
    return RunningPlatform.JSON.createObjectNode();
  }

  private static JsonNode post(String path, JsonNode body) throws Exception {
    HttpResponse<String> answer = platform.send("POST", path, body.toString(), platform.token());
    assertThat(answer.statusCode()).as(path + " " + answer.body()).isBetween(200, 202);
    return RunningPlatform.JSON.readTree(answer.body());
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

  private interface Check {
    boolean holds() throws Exception;
  }

  private static void await(Check check) throws Exception {
    Instant end = Instant.now().plus(SOON);
    while (!check.holds()) {
      assertThat(Instant.now())
          .as(
              "in time; events are %s %s %s",
              events("ImageMirrorFailed"), events("TagDiscovered"), events("EvidenceFound"))
          .isBefore(end);
      Thread.sleep(50);
    }
  }
}
