package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.Waybill;
import dev.waybill.cli.caller.Caller;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.ImageSigner;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.NotationAlgorithm;
import dev.waybill.testkit.image.NotationSigner;
import dev.waybill.testkit.image.StaticProgram;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gate with real images, real signatures and real containers; needs root. */
class GateIT {
  private static final String PROVENANCE = "https://slsa.dev/provenance/v1";

  @TempDir static Path directory;
  private static final ImageSigner SIGNER = ImageSigner.create();
  private static RunningPlatform platform;
  private static GateCalls calls;
  private static byte[] tool;

  @BeforeAll
  static void startPlatform() throws Exception {
    tool = StaticProgram.compile(PlatformIT.TOOL);
    platform = new RunningPlatform(directory.resolve("data"));
    calls = new GateCalls(platform);
  }

  @AfterAll
  static void stopPlatform() throws Exception {
    platform.close();
  }

  @Test
  void an_unsigned_image_waits_until_it_is_signed_and_is_then_released_for_good() throws Exception {
    MadeImage image = push("signed/tool", "one");
    calls.gate("signed", signedBy(SIGNER, "signed"));

    String id = calls.run("signed", "signed/tool:1");
    JsonNode held = calls.until(id, c -> !c.path("message").asText().isEmpty());
    assertThat(held.path("status").asText()).isEqualTo("awaiting-image");
    assertThat(held.path("message").asText())
        .contains("signature: no signature by release-key", "policy signed@1");
    JsonNode refused = calls.verify("signed", "signed/tool:1");
    assertThat(refused.path("released").asBoolean()).isFalse();

    sign(SIGNER, "signed/tool", image);

    JsonNode running = calls.until(id, c -> c.path("status").asText().equals("running"));
    assertThat(running.path("imageDigest").asText()).isEqualTo(image.digest().toString());
    JsonNode released = calls.verify("signed", "signed/tool:1");
    assertThat(released.path("released").asBoolean()).as(released.toString()).isTrue();
    assertThat(released.path("rules").toString()).contains("signed by release-key", "signed@1");

    // What stands is not looked for, nor said, again.
    String subject = "digest/" + image.digest();
    int before = calls.events("*", subject).size();
    String second = calls.run("signed", "signed/tool:1");
    calls.until(second, c -> c.path("status").asText().equals("running"));
    assertThat(calls.events("*", subject)).hasSize(before);
    calls.remove(id, second);
  }

  @Test
  void a_tag_that_moves_to_something_unsigned_changes_nothing_for_the_digest_that_was_released()
      throws Exception {
    MadeImage first = push("moving/tool", "first");
    sign(SIGNER, "moving/tool", first);
    calls.gate("moving", signedBy(SIGNER, "moving"));
    calls.apply("moving", "mover", "moving/tool:1", 1);
    calls.until("mover-1", c -> c.path("status").asText().equals("running"));

    MadeImage second = push("moving/tool", "second");
    platform.send(
        "POST", "/v1/workloads/mover/scale?namespace=moving", "{\"replicas\":2}", platform.token());

    JsonNode scaled = calls.until("mover-2", c -> c.path("status").asText().equals("running"));
    assertThat(scaled.path("imageDigest").asText()).isEqualTo(first.digest().toString());
    String fresh = calls.run("moving", "moving/tool:1");
    JsonNode held = calls.until(fresh, c -> !c.path("message").asText().isEmpty());
    assertThat(held.path("status").asText()).isEqualTo("awaiting-image");
    assertThat(calls.events("ContainerAwaitsImage", "container/" + fresh).toString())
        .contains(second.digest().toString());
    calls.remove(fresh);
    platform.send("DELETE", "/v1/workloads/mover?namespace=moving", "", platform.token());
  }

  @Test
  void provenance_a_scan_and_a_denied_digest_are_each_asked_for() throws Exception {
    MadeImage image = push("proven/tool", "proven");
    ObjectNode policy = RunningPlatform.JSON.createObjectNode().put("namespace", "proven");
    ObjectNode provenance = policy.withArray("/attestations").addObject();
    provenance.put("kind", "ATTESTATION_KIND_PROVENANCE");
    provenance.withArray("/builders").add("https://builder.example/*");
    provenance.withArray("/signers").add(signer(SIGNER));
    policy.putObject("scan").put("severityMax", "SEVERITY_MEDIUM").put("ageMaxMs", 86_400_000);
    calls.gate("proven", policy);

    String id = calls.run("proven", "proven/tool:1");
    JsonNode held = calls.until(id, c -> !c.path("message").asText().isEmpty());
    assertThat(held.path("message").asText())
        .contains("no SLSA provenance is attached", "no scanner reported on it");

    MadeImage statement =
        SIGNER.attestation(
            PROVENANCE,
            "{\"runDetails\":{\"builder\":{\"id\":\"https://builder.example/7\"}}}",
            image.digest());
    pusher().push(statement, "proven/tool", ImageSigner.tag(image.digest(), "att"));
    calls.until(id, c -> !c.path("message").asText().contains("provenance"));
    calls.scan(image, "critical", 202);
    calls.until(
        id, c -> c.path("message").asText().contains("1 critical finding(s), such as CVE-1"));
    calls.scan(image, "low", 202);
    calls.until(id, c -> c.path("status").asText().equals("running"));

    policy.withArray("/deniedDigests").add(image.digest().toString());
    calls.gate("proven", policy);
    JsonNode denied = platform.ended(calls.run("proven", "proven/tool:1"));
    assertThat(denied.path("status").asText()).isEqualTo("failed");
    assertThat(denied.path("message").asText()).contains("is denied by policy proven@2");
    calls.remove(id);
  }

  @Test
  void a_recalled_digest_is_evicted_in_waves_and_starts_again_when_the_recall_is_lifted()
      throws Exception {
    MadeImage image = push("recalled/tool", "recalled");
    String digest = image.digest().toString();
    calls.apply("default", "victim", "recalled/tool:1", 2);
    calls.until("victim-1", c -> c.path("status").asText().equals("running"));
    calls.until("victim-2", c -> c.path("status").asText().equals("running"));

    HttpResponse<String> recalled =
        platform.send(
            "POST",
            "/v1/recalls",
            "{\"digest\":\"%s\",\"evict\":true,\"waveSize\":1,\"reason\":\"backdoor\"}"
                .formatted(digest),
            platform.token());
    assertThat(recalled.statusCode()).as(recalled.body()).isEqualTo(202);

    calls.await(() -> calls.events("EvictionFinished", "digest/" + digest).size() == 1);
    assertThat(calls.events("EvictionWaveStarted", "digest/" + digest)).hasSize(2);
    JsonNode failed = platform.ended(calls.run("default", "recalled/tool:1"));
    assertThat(failed.path("message").asText()).contains("was recalled: backdoor");
    JsonNode use = platform.get("/v1/images/use?digest=" + digest);
    assertThat(use).hasSize(2);
    assertThat(use.path(0).path("running").asBoolean()).isFalse();

    HttpResponse<String> lifted =
        platform.send("DELETE", "/v1/recalls/" + digest, "", platform.token());
    assertThat(lifted.statusCode()).as(lifted.body()).isEqualTo(202);
    platform.get("/v1/workloads/victim/wait?timeoutMs=60000");
    calls.await(() -> calls.running("victim") == 2);
    platform.send("DELETE", "/v1/workloads/victim", "", platform.token());
  }

  @Test
  void a_signature_that_skopeo_made_is_believed() throws Exception {
    assumeThat(Path.of("/usr/bin/skopeo")).exists();
    MadeImage image = push("unsigned/tool", "skopeo");
    Path key = directory.resolve("cosign.key");
    Files.writeString(key, CosignKey.encrypted(SIGNER.key().getPrivate(), "secret"));
    Path registries = Files.createDirectories(directory.resolve("registries.d"));
    Files.writeString(
        registries.resolve("default.yaml"), "default-docker:\n  use-sigstore-attachments: true\n");
    String host = platform.address().getAuthority();
    Files.writeString(directory.resolve("pass"), "secret");
    skopeo(
        "--registries.d",
        registries.toString(),
        "copy",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        "--src-creds=admin:" + platform.token(),
        "--dest-creds=admin:" + platform.token(),
        "--sign-by-sigstore-private-key",
        key.toString(),
        "--sign-passphrase-file",
        directory.resolve("pass").toString(),
        "docker://" + host + "/unsigned/tool:1",
        "docker://" + host + "/bysko/tool:1");
    calls.gate("bysko", signedBy(SIGNER, "bysko"));

    JsonNode verdict = calls.verify("bysko", "bysko/tool:1");

    assertThat(verdict.path("digest").asText()).isEqualTo(image.digest().toString());
    assertThat(verdict.path("released").asBoolean()).as(verdict.toString()).isTrue();
  }

  @Test
  void a_signature_of_notation_in_cose_releases_an_image_and_is_told() throws Exception {
    NotationSigner notary =
        NotationSigner.create("CN=release", NotationAlgorithm.ES384, Instant.now());
    MadeImage image = push("cose/tool", "cose");
    ObjectNode policy = RunningPlatform.JSON.createObjectNode().put("namespace", "cose");
    policy
        .withArray("/signatures")
        .addObject()
        .withArray("/signers")
        .addObject()
        .put("name", "notary")
        .put("notationRoots", notary.pem())
        .put("notationSubject", "CN=release");
    calls.gate("cose", policy);
    Said refused = waybill("registry", "verify", "cose/tool:1", "--namespace", "cose");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.text()).contains("no signature by notary");

    MadeImage signature = notary.signature(image.root());
    pusher().push(signature, "cose/tool", signature.digest().toString());

    Said released = waybill("registry", "verify", "cose/tool:1", "--namespace", "cose");
    assertThat(released.code()).as(released.text()).isZero();
    assertThat(released.text()).contains("signed by notary");
    String id = calls.run("cose", "cose/tool:1");
    calls.until(id, c -> c.path("status").asText().equals("running"));
    calls.remove(id);
  }

  @Test
  void the_command_line_sets_a_gate_explains_its_verdict_and_lists_who_ran_a_recalled_digest()
      throws Exception {
    MadeImage image = push("cli/tool", "cli");
    Files.writeString(directory.resolve("release.pub"), SIGNER.pem());
    Said set =
        waybill("registry", "gate", "set", "cli", "--namespace", "cli", "--key", "release.pub");
    assertThat(set.text()).isEqualTo("gate cli set\n");
    calls.await(() -> calls.events("GatePolicySet", "gate/cli").size() == 1);
    assertThat(waybill("registry", "gate", "ls").text()).contains("cli", "signature");

    Said refused = waybill("registry", "verify", "cli/tool:1", "--namespace", "cli");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.text())
        .contains("signature", "failed", "cli@1", "no signature by release.pub", "is refused");
    sign(SIGNER, "cli/tool", image);
    Said released = waybill("registry", "verify", "cli/tool:1", "--namespace", "cli");
    assertThat(released.code()).as(released.text()).isZero();
    assertThat(released.text()).contains("signed by release.pub");

    String id = calls.run("cli", "cli/tool:1");
    calls.until(id, c -> c.path("status").asText().equals("running"));
    Said recall = waybill("image", "recall", image.digest().toString(), "--since", "1h");
    assertThat(recall.code()).as(recall.text()).isZero();
    assertThat(recall.text()).contains(id.substring(0, 12), "runs");
    calls.await(() -> calls.events("ImageRecalled", "digest/" + image.digest()).size() == 1);
    assertThat(platform.get("/v1/containers/" + id).path("status").asText()).isEqualTo("running");
    Said lifted = waybill("image", "recall", "--lift", image.digest().toString());
    assertThat(lifted.text()).isEqualTo(image.digest() + " may start again\n");
    Said again = waybill("image", "recall", "--lift", "sha256:" + "0".repeat(64));
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.text()).contains("is not recalled");
    calls.remove(id);
  }

  private record Said(int code, String text) {}

  /** A command as a user types it, in the test's directory. */
  private static Said waybill(String... arguments) throws Exception {
    var said = new ByteArrayOutputStream();
    var out = new PrintStream(said, true, StandardCharsets.UTF_8);
    Caller here = Caller.current();
    var caller =
        new Caller(
            InputStream.nullInputStream(),
            out,
            out,
            directory,
            Map.of("WAYBILL_API", platform.address() + "", "WAYBILL_TOKEN", platform.token()),
            here.terminal());
    int code = caller.run(() -> Waybill.execute(arguments));
    return new Said(code, said.toString(StandardCharsets.UTF_8));
  }

  @Test
  void every_decider_decides_its_history_the_same_again() throws Exception {
    // A replay reads topic after topic; while containers are still ending it may miss some of one.
    calls.await(
        () -> {
          boolean agree = true;
          for (JsonNode outcome : platform.get("/v1/audit/replay")) {
            agree &= outcome.path("agrees").asBoolean();
          }
          return agree;
        });
  }

  private static void skopeo(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("skopeo"));
    command.addAll(List.of(arguments));
    Path out = directory.resolve("skopeo.out");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(out);
    // Debian builds its skopeo without this.
    assumeThat(said).doesNotContain("sigstore disabled");
    assertThat(process.exitValue()).as(said).isZero();
  }

  /** Images that differ: each has the text in a file. */
  private static MadeImage push(String repository, String text) throws Exception {
    MadeImage image =
        ImageMaker.image()
            .layer(LayerCompression.GZIP, LayerEntry.file("etc/which", repository + text))
            .program("tool", tool)
            .make();
    pusher().push(image, repository, "1");
    return image;
  }

  private static ImagePush pusher() throws Exception {
    return ImagePush.to(platform.address(), "admin", platform.token());
  }

  private static void sign(ImageSigner signer, String repository, MadeImage image)
      throws Exception {
    pusher()
        .push(
            signer.signature(repository, image.digest()),
            repository,
            ImageSigner.tag(image.digest(), "sig"));
  }

  private static ObjectNode signer(ImageSigner signer) {
    return RunningPlatform.JSON
        .createObjectNode()
        .put("name", "release-key")
        .put("publicKey", signer.pem());
  }

  private static ObjectNode signedBy(ImageSigner signer, String namespace) {
    ObjectNode policy = RunningPlatform.JSON.createObjectNode().put("namespace", namespace);
    policy.withArray("/signatures").addObject().withArray("/signers").add(signer(signer));
    return policy;
  }
}
