package dev.waybill.image.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.image.edge.RegistryClient.Answer;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What distribution-spec 1.1 calls its workflows (pull, push, discovery, management), one after the
 * other in one repository, as a client that holds a registry against the spec goes through them.
 */
class DistributionWorkflowsTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final byte[] EMPTY = "{}".getBytes(UTF_8);
  private static final byte[] LAYER = "a layer that all workflows share".getBytes(UTF_8);
  private static final String ONE = "/v2/team/one";
  private static final String OTHER = "/v2/team/other";
  private static final String TYPE_A = "application/vnd.example.a";
  private static final String TYPE_B = "application/vnd.example.b";

  @TempDir Path data;
  private RunningRegistry registry;
  private RegistryClient client;

  @BeforeEach
  void start() throws IOException {
    registry = RunningRegistry.start(data);
    client = new RegistryClient(registry.uri());
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  @Test
  void all_four_in_turn_twice() throws IOException {
    for (Cleaning cleaning : Cleaning.values()) {
      pull(cleaning);
      push(cleaning);
      discovery(cleaning);
      management(cleaning);
    }
  }

  /** In which order somebody cleans up: the spec allows both. */
  private enum Cleaning {
    MANIFESTS_FIRST,
    BLOBS_FIRST
  }

  private void pull(Cleaning cleaning) throws IOException {
    byte[] config = config("pull " + cleaning);
    byte[] image = image(config);
    upload(ONE, config);
    upload(ONE, LAYER);
    assertThat(put("tagtest0", image).status()).isEqualTo(201);

    String blob = ONE + "/blobs/" + Digest.of(config);
    assertThat(client.send("HEAD", blob).header("Content-Length")).isEqualTo("" + config.length);
    assertThat(client.send("GET", blob).body()).isEqualTo(config);
    assertThat(client.send("HEAD", ONE + "/blobs/" + Digest.of(image("?"))).status())
        .isEqualTo(404);
    for (String key : List.of("tagtest0", Digest.of(image).toString())) {
      Answer head = client.send("HEAD", ONE + "/manifests/" + key);
      Answer got = client.send("GET", ONE + "/manifests/" + key);
      assertThat(got.body()).isEqualTo(image);
      for (String header : List.of("Content-Length", "Content-Type", "Docker-Content-Digest")) {
        assertThat(head.header(header)).as(header).isEqualTo(got.header(header)).isNotEmpty();
      }
    }
    Answer invalid = put("sha256:totallywrong", "no manifest".getBytes(UTF_8));
    assertThat(invalid.status()).isEqualTo(400);
    JsonNode error = MAPPER.readTree(invalid.body()).path("errors").path(0);
    assertThat(error.path("code").asText()).isEqualTo("DIGEST_INVALID");

    clean(cleaning, List.of(image), List.of(config, LAYER));
  }

  private void push(Cleaning cleaning) {
    byte[] streamed = config("streamed " + cleaning);
    String upload = begin(ONE);
    upload = client.send("PATCH", upload, streamed).header("Location");
    assertThat(finish(upload, streamed, new byte[0]).status()).isEqualTo(201);
    byte[] config = config("push " + cleaning);
    assertThat(client.send("POST", ONE + "/blobs/uploads/?digest=" + Digest.of(config), config))
        .returns(201, Answer::status);
    upload(ONE, config);
    upload(ONE, LAYER);
    pushInChunks();
    mount(streamed);

    byte[] image = image(config);
    for (int i = 0; i < 4; i++) {
      Answer created = put("test" + i, image);
      assertThat(created.status()).isEqualTo(201);
      assertThat(client.send("GET", created.header("Location")).body()).isEqualTo(image);
    }
    byte[] bare =
        ImageWriter.write(Manifest.oci(Descriptor.of(MediaTypes.OCI_CONFIG, config), List.of()));
    assertThat(put("nolayers", bare).status()).isEqualTo(201);

    clean(cleaning, List.of(image, bare), List.of(config, LAYER));
  }

  private void pushInChunks() {
    String upload = begin(ONE);
    assertThat(chunk(upload, 10, 32)).returns(416, Answer::status);
    assertThat(chunk(upload, 0, 10)).returns(202, Answer::status).returns("0-9", rangeOf());
    assertThat(chunk(upload, 0, 10)).as("the same again").returns(416, Answer::status);
    Answer status = client.send("GET", upload);
    assertThat(status).returns(204, Answer::status).returns("0-9", rangeOf());
    Answer rest = chunk(status.header("Location"), 10, LAYER.length);
    assertThat(rest.status()).isEqualTo(202);
    assertThat(finish(rest.header("Location"), LAYER, new byte[0]).status()).isEqualTo(201);
  }

  private void mount(byte[] content) {
    String start = OTHER + "/blobs/uploads/?mount=" + Digest.of(content);
    Answer withoutFrom = client.send("POST", start);
    assertThat(withoutFrom.status()).isEqualTo(202);
    assertThat(withoutFrom.header("Location")).startsWith(OTHER + "/blobs/uploads/");
    Answer mounted = client.send("POST", start + "&from=team/one");
    assertThat(mounted.status()).isEqualTo(201);
    assertThat(mounted.header("Location")).isEqualTo(OTHER + "/blobs/" + Digest.of(content));
    assertThat(client.send("GET", mounted.header("Location")).body()).isEqualTo(content);
  }

  private void discovery(Cleaning cleaning) throws IOException {
    byte[] config = config("discovery " + cleaning);
    byte[] image = image(config);
    Descriptor subject = Descriptor.of(MediaTypes.OCI_MANIFEST, image);
    Descriptor missing = Descriptor.of(MediaTypes.OCI_MANIFEST, image("never pushed"));
    upload(ONE, config);
    upload(ONE, EMPTY);
    upload(ONE, LAYER);
    byte[] byConfig = artifact(null, TYPE_A, subject, "by its configuration");
    byte[] byType = artifact(TYPE_B, MediaTypes.OCI_EMPTY, subject, "by its type");
    byte[] list = list(byType, subject);
    byte[] lonely = artifact(TYPE_B, MediaTypes.OCI_EMPTY, missing, "about nothing yet");
    for (byte[] about : List.of(byConfig, byType, list, lonely)) {
      Answer created = put(Digest.of(about).toString(), about);
      assertThat(created.status()).as("its subject comes later").isEqualTo(201);
      assertThat(created.header("OCI-Subject"))
          .isEqualTo((about == lonely ? missing : subject).digest().toString());
    }
    assertThat(put("tagtest0", image).status()).isEqualTo(201);

    JsonNode all = referrers(subject.digest(), "");
    assertThat(all).hasSize(3);
    for (JsonNode entry : all) {
      assertThat(entry.path("annotations").path("note").asText()).isNotEmpty();
    }
    JsonNode filtered = referrers(subject.digest(), "?artifactType=" + TYPE_A);
    assertThat(filtered).hasSize(1);
    assertThat(filtered.path(0).path("artifactType").asText()).isEqualTo(TYPE_A);
    assertThat(referrers(missing.digest(), "")).hasSize(1);
    assertThat(referrers(Digest.of(image("nobody's")), "")).isEmpty();
    client.send("DELETE", ONE + "/manifests/" + Digest.of(byConfig));
    assertThat(referrers(subject.digest(), "")).hasSize(2);

    clean(cleaning, List.of(list, byType, lonely, image), List.of(config, EMPTY, LAYER));
  }

  private void management(Cleaning cleaning) throws IOException {
    byte[] config = config("management " + cleaning);
    byte[] image = image(config);
    upload(ONE, config);
    upload(ONE, LAYER);
    put("tagtest0", image);
    put("tagtest1", image);

    assertThat(client.send("DELETE", ONE + "/manifests/tagtest0").status()).isEqualTo(202);
    assertThat(client.send("HEAD", ONE + "/manifests/tagtest0").status()).isEqualTo(404);
    assertThat(tags()).containsExactly("tagtest1");
    clean(Cleaning.MANIFESTS_FIRST, List.of(image), List.of());
    assertThat(tags()).as("its blobs are still there").isEmpty();
    clean(cleaning, List.of(), List.of(config, LAYER));
  }

  /** Each is gone as soon as that was answered, whatever still names it. */
  private void clean(Cleaning cleaning, List<byte[]> manifests, List<byte[]> blobs) {
    if (cleaning == Cleaning.BLOBS_FIRST) {
      remove("/blobs/", blobs);
      remove("/manifests/", manifests);
    } else {
      remove("/manifests/", manifests);
      remove("/blobs/", blobs);
    }
  }

  private void remove(String kind, List<byte[]> contents) {
    for (byte[] content : contents) {
      String path = ONE + kind + Digest.of(content);
      assertThat(client.send("DELETE", path).status()).as(path).isEqualTo(202);
      assertThat(client.send("GET", path).status()).as(path).isEqualTo(404);
      assertThat(client.send("DELETE", path).status()).as(path).isEqualTo(404);
    }
  }

  private String begin(String repository) {
    Answer begun = client.send("POST", repository + "/blobs/uploads/");
    assertThat(begun.status()).isEqualTo(202);
    return begun.header("Location");
  }

  private Answer chunk(String upload, int from, int to) {
    byte[] piece = Arrays.copyOfRange(LAYER, from, to);
    return client.send("PATCH", upload, piece, "Content-Range", from + "-" + (to - 1));
  }

  private static Function<Answer, String> rangeOf() {
    return answer -> answer.header("Range");
  }

  private Answer finish(String upload, byte[] whole, byte[] rest) {
    return client.send("PUT", upload + "?digest=" + Digest.of(whole), rest);
  }

  private void upload(String repository, byte[] content) {
    assertThat(finish(begin(repository), content, content).status()).isEqualTo(201);
  }

  private Answer put(String key, byte[] manifest) {
    String type =
        new String(manifest, UTF_8).contains("\"manifests\"")
            ? MediaTypes.OCI_INDEX
            : MediaTypes.OCI_MANIFEST;
    return client.send("PUT", ONE + "/manifests/" + key, manifest, "Content-Type", type);
  }

  private JsonNode referrers(Digest subject, String query) throws IOException {
    Answer answer = client.send("GET", ONE + "/referrers/" + subject + query);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo(MediaTypes.OCI_INDEX);
    assertThat(answer.header("OCI-Filters-Applied"))
        .isEqualTo(query.isEmpty() ? "" : "artifactType");
    return MAPPER.readTree(answer.body()).path("manifests");
  }

  private List<String> tags() throws IOException {
    Answer answer = client.send("GET", ONE + "/tags/list");
    assertThat(answer.status()).isEqualTo(200);
    return MAPPER.readTree(answer.body()).path("tags").valueStream().map(JsonNode::asText).toList();
  }

  private static byte[] config(String author) {
    return ("{\"author\":\"" + author + "\",\"os\":\"linux\",\"architecture\":\"amd64\"}")
        .getBytes(UTF_8);
  }

  private static byte[] image(String author) {
    return image(config(author));
  }

  private static byte[] image(byte[] config) {
    return ImageWriter.write(
        new Manifest(
            MediaTypes.OCI_MANIFEST,
            null,
            Descriptor.of(MediaTypes.OCI_CONFIG, config),
            List.of(Descriptor.of(MediaTypes.OCI_LAYER_TAR, LAYER)),
            null,
            new TreeMap<>()));
  }

  private static byte[] artifact(
      @Nullable String type, String configType, Descriptor subject, String note) {
    return ImageWriter.write(
        new Manifest(
            MediaTypes.OCI_MANIFEST,
            type,
            Descriptor.of(configType, EMPTY),
            List.of(Descriptor.of(TYPE_A, LAYER)),
            subject,
            new TreeMap<>(Map.of("note", note))));
  }

  private static byte[] list(byte[] entry, Descriptor subject) {
    return ImageWriter.write(
        new ImageIndex(
            MediaTypes.OCI_INDEX,
            TYPE_B,
            List.of(Descriptor.of(MediaTypes.OCI_MANIFEST, entry)),
            subject,
            new TreeMap<>(Map.of("note", "a list"))));
  }
}
