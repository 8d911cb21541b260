package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.distribution.RegistryLimits;
import dev.waybill.image.edge.RegistryClient.Answer;
import dev.waybill.image.quota.Quotas;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuotaTest {
  private static final Quotas QUOTAS = new Quotas(Map.of("team", 1000L, "", 2000L), 2, 2);

  @TempDir Path data;
  private RunningRegistry registry;
  private RegistryClient client;

  @BeforeEach
  void start() throws IOException {
    registry =
        RunningRegistry.start(
            data, new RegistryLimits(100, 1 << 20, Duration.ofMinutes(10), 1000, QUOTAS));
    client = new RegistryClient(registry.uri());
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  @Test
  void a_push_over_the_quota_of_its_prefix_is_denied_and_leaves_nothing() throws IOException {
    assertThat(push("team/a", blob(1, 600)).status()).isEqualTo(201);

    Answer refused = push("team/b", blob(2, 600));

    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.text()).contains("DENIED", "what is below team holds 600");
    assertThat(registry.store.find(Digest.of(blob(2, 600)))).isEmpty();
    try (Stream<Path> left = Files.list(data.resolve("ingest"))) {
      assertThat(left).isEmpty();
    }
    assertThat(push("teams", blob(2, 600)).status()).as("another prefix").isEqualTo(201);
  }

  @Test
  void what_repositories_have_in_common_counts_once() {
    byte[] shared = blob(1, 900);
    assertThat(push("team/a", shared).status()).isEqualTo(201);

    assertThat(mount("team/a", "team/b", shared).status()).isEqualTo(201);

    assertThat(push("other", blob(2, 900)).status()).isEqualTo(201);
    Answer refused = mount("other", "team/b", blob(2, 900));
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.text()).contains("DENIED");
  }

  @Test
  void a_push_over_the_quota_of_the_registry_is_denied_in_chunks_too() {
    assertThat(push("one", blob(1, 1500)).status()).isEqualTo(201);
    String upload = client.send("POST", "/v2/two/blobs/uploads/").header("Location");
    assertThat(client.send("PATCH", upload, blob(2, 300)).status()).isEqualTo(202);

    Answer refused = client.send("PATCH", upload, blob(3, 300));

    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.text()).contains("DENIED", "the registry holds");
    assertThat(client.send("GET", upload).status()).as("the upload is over").isEqualTo(404);
  }

  @Test
  void room_that_a_deletion_gives_can_be_used() {
    push("team/a", blob(1, 900));
    assertThat(push("team/a", blob(2, 900)).status()).isEqualTo(413);

    client.send("DELETE", "/v2/team/a/blobs/" + Digest.of(blob(1, 900)));

    assertThat(push("team/a", blob(2, 900)).status()).isEqualTo(201);
  }

  @Test
  void manifests_and_tags_of_a_repository_are_counted() {
    push("app", blob(1, 1));
    assertThat(put("app", "v1", "one").status()).isEqualTo(201);
    assertThat(put("app", "v2", "two").status()).isEqualTo(201);

    Answer third = put("app", "v1", "three");
    assertThat(third.status()).isEqualTo(413);
    assertThat(third.text()).contains("DENIED", "app has 2 manifests");
    assertThat(put("app", "v3", "one").text()).contains("DENIED", "app has 2 tags");
    assertThat(put("app", "v2", "one").status()).as("tags move").isEqualTo(201);
  }

  private Answer push(String repository, byte[] blob) {
    return client.send(
        "POST", "/v2/" + repository + "/blobs/uploads/?digest=" + Digest.of(blob), blob);
  }

  private Answer mount(String from, String to, byte[] blob) {
    return client.send(
        "POST", "/v2/" + to + "/blobs/uploads/?mount=" + Digest.of(blob) + "&from=" + from);
  }

  private Answer put(String repository, String tag, String artifact) {
    Descriptor blob = Descriptor.of("application/test", blob(1, 1));
    byte[] manifest =
        ImageWriter.write(
            new Manifest(
                MediaTypes.OCI_MANIFEST,
                "application/" + artifact,
                blob,
                List.of(blob),
                null,
                new TreeMap<>()));
    return client.send(
        "PUT",
        "/v2/" + repository + "/manifests/" + tag,
        manifest,
        "Content-Type",
        MediaTypes.OCI_MANIFEST);
  }

  private static byte[] blob(int value, int length) {
    byte[] blob = new byte[length];
    Arrays.fill(blob, (byte) value);
    return blob;
  }
}
