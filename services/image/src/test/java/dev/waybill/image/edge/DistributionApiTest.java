package dev.waybill.image.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.edge.RegistryClient.Answer;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The endpoints of distribution-spec 1.1 with their status codes, headers and error codes. */
class DistributionApiTest {
  private static final byte[] BLOB = "0123456789".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.of(BLOB);
  private static final Digest OTHER = Digest.of(new byte[] {9});

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
  void nobody_gets_in_without_the_token() {
    Answer refused = client.anonymous("/v2/");

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.response().headers().allValues("WWW-Authenticate"))
        .contains("Basic realm=\"waybill\"");
    assertThat(refused.text()).contains("\"code\":\"UNAUTHORIZED\"");
    assertThat(client.send("GET", "/v2/").status()).isEqualTo(200);
  }

  @Test
  void a_blob_is_pushed_in_one_request() {
    Answer created = client.send("POST", "/v2/a/b/blobs/uploads/?digest=" + DIGEST, BLOB);

    assertThat(created.status()).isEqualTo(201);
    assertThat(created.header("Location")).isEqualTo("/v2/a/b/blobs/" + DIGEST);
    assertThat(created.header("Docker-Content-Digest")).isEqualTo(DIGEST.toString());
    assertThat(client.send("GET", "/v2/a/b/blobs/" + DIGEST).body()).isEqualTo(BLOB);
    assertThat(client.send("HEAD", "/v2/a/b/blobs/" + DIGEST).header("Content-Length"))
        .isEqualTo("10");
  }

  @Test
  void a_blob_is_pushed_in_chunks_and_its_upload_says_how_far_it_is() {
    String location = client.send("POST", "/v2/a/blobs/uploads/").header("Location");

    Answer first = client.send("PATCH", location, "01234".getBytes(UTF_8), "Content-Range", "0-4");
    assertThat(first.status()).isEqualTo(202);
    assertThat(first.header("Range")).isEqualTo("0-4");
    Answer status = client.send("GET", location);
    assertThat(status.status()).isEqualTo(204);
    assertThat(status.header("Range")).isEqualTo("0-4");
    Answer wrong = client.send("PATCH", location, "789".getBytes(UTF_8), "Content-Range", "7-9");
    assertThat(wrong.status()).isEqualTo(416);
    assertThat(wrong.header("Range")).isEqualTo("0-4");
    assertThat(
            client
                .send(
                    "PUT",
                    location + "?digest=" + DIGEST,
                    "56789".getBytes(UTF_8),
                    "Content-Range",
                    "5-9")
                .status())
        .isEqualTo(201);
    assertThat(client.send("GET", "/v2/a/blobs/" + DIGEST).body()).isEqualTo(BLOB);
    assertThat(client.send("GET", location).status()).as("the upload is over").isEqualTo(404);
  }

  @Test
  void a_chunk_must_be_as_long_as_it_says() {
    String location = client.send("POST", "/v2/a/blobs/uploads/").header("Location");

    Answer longer = client.send("PATCH", location, "01234".getBytes(UTF_8), "Content-Range", "0-3");
    assertThat(longer.status()).isEqualTo(400);
    assertThat(longer.text()).contains("SIZE_INVALID", "bytes 0-3 are 4, not 5");
    for (String range : List.of("4-0", "0", "bytes 0-4/10")) {
      assertThat(client.send("PATCH", location, BLOB, "Content-Range", range).status())
          .as(range)
          .isEqualTo(416);
    }
    assertThat(client.send("GET", location).header("Range")).isEqualTo("0-0");
    assertThat(client.send("PUT", location + "?digest=" + DIGEST, BLOB).status())
        .as("nothing of them was kept")
        .isEqualTo(201);
  }

  @Test
  void a_digest_that_is_none_begins_no_upload() throws IOException {
    Answer refused = client.send("POST", "/v2/a/blobs/uploads/?digest=sha256:12", BLOB);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("DIGEST_INVALID");
    try (Stream<Path> left = Files.list(data.resolve("ingest"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void an_upload_with_another_digest_is_refused_and_leaves_nothing() throws IOException {
    Answer refused = client.send("POST", "/v2/a/blobs/uploads/?digest=" + OTHER, BLOB);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("DIGEST_INVALID", DIGEST.toString());
    try (Stream<Path> left = Files.list(data.resolve("ingest"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void an_upload_is_cancelled() {
    String location = client.send("POST", "/v2/a/blobs/uploads/").header("Location");

    assertThat(client.send("DELETE", location).status()).isEqualTo(204);
    Answer gone = client.send("PATCH", location, BLOB);
    assertThat(gone.status()).isEqualTo(404);
    assertThat(gone.text()).contains("BLOB_UPLOAD_UNKNOWN");
  }

  @Test
  void an_upload_of_one_repository_is_unknown_in_another() {
    String location = client.send("POST", "/v2/a/blobs/uploads/").header("Location");

    assertThat(client.send("PATCH", location.replace("/v2/a/", "/v2/b/"), BLOB).status())
        .isEqualTo(404);
  }

  @Test
  void a_blob_is_mounted_from_where_it_is_and_else_uploaded() {
    client.send("POST", "/v2/a/blobs/uploads/?digest=" + DIGEST, BLOB);

    assertThat(client.send("GET", "/v2/b/blobs/" + DIGEST).status()).isEqualTo(404);
    assertThat(client.send("POST", "/v2/b/blobs/uploads/?mount=" + DIGEST + "&from=a").status())
        .isEqualTo(201);
    assertThat(client.send("GET", "/v2/b/blobs/" + DIGEST).body()).isEqualTo(BLOB);
    assertThat(client.send("POST", "/v2/b/blobs/uploads/?mount=" + OTHER + "&from=a").status())
        .isEqualTo(202);
  }

  @Test
  void a_range_of_a_blob_is_served() {
    client.send("POST", "/v2/a/blobs/uploads/?digest=" + DIGEST, BLOB);
    String path = "/v2/a/blobs/" + DIGEST;

    Answer middle = client.send("GET", path, new byte[0], "Range", "bytes=2-4");
    assertThat(middle.status()).isEqualTo(206);
    assertThat(middle.header("Content-Range")).isEqualTo("bytes 2-4/10");
    assertThat(middle.text()).isEqualTo("234");
    assertThat(client.send("GET", path, new byte[0], "Range", "bytes=7-").text()).isEqualTo("789");
    assertThat(client.send("GET", path, new byte[0], "Range", "bytes=-2").text()).isEqualTo("89");
    assertThat(client.send("GET", path, new byte[0], "Range", "bytes=10-").status()).isEqualTo(416);
    assertThat(client.send("GET", path, new byte[0], "Range", "bytes=5-0").status()).isEqualTo(416);
    Answer head = client.send("HEAD", path, new byte[0], "Range", "bytes=2-4");
    assertThat(head.status()).as("a HEAD tells of the whole").isEqualTo(200);
    assertThat(head.header("Content-Length")).isEqualTo("10");
  }

  @Test
  void a_manifest_is_put_once_what_it_names_is_there() {
    byte[] manifest = manifest(null);

    Answer early = put("a", "v1", manifest);
    assertThat(early.status()).isEqualTo(404);
    assertThat(early.text()).contains("MANIFEST_BLOB_UNKNOWN");
    client.send("POST", "/v2/a/blobs/uploads/?digest=" + DIGEST, BLOB);
    Answer created = put("a", "v1", manifest);
    assertThat(created.status()).isEqualTo(201);
    String digest = Digest.of(manifest).toString();
    assertThat(created.header("Docker-Content-Digest")).isEqualTo(digest);
    for (String key : List.of("v1", digest, digest.replace(":", "%3A"))) {
      Answer got = client.send("GET", "/v2/a/manifests/" + key);
      assertThat(got.body()).isEqualTo(manifest);
      assertThat(got.header("Content-Type")).isEqualTo(MediaTypes.OCI_MANIFEST);
      assertThat(got.header("Docker-Content-Digest")).isEqualTo(digest);
    }
    Answer head = client.send("HEAD", "/v2/a/manifests/v1");
    assertThat(head.header("Content-Length")).isEqualTo("" + manifest.length);
  }

  @Test
  void a_bad_manifest_is_refused_with_the_place_at_fault() {
    Answer refused = put("a", "v1", "{\"schemaVersion\":2}".getBytes(UTF_8));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("MANIFEST_INVALID", "field 'config' is missing");
    assertThat(put("a", OTHER.toString(), manifest(null)).text()).contains("DIGEST_INVALID");
    assertThat(put("a", "v1", new byte[(4 << 20) + 1]).status()).isEqualTo(413);
    assertThat(put("UPPER", "v1", manifest(null)).text()).contains("NAME_INVALID");
  }

  @Test
  void tags_are_listed_in_pages() {
    pushImage("a");
    for (String tag : List.of("c", "a", "b")) {
      put("a", tag, manifest(null));
    }

    Answer first = client.send("GET", "/v2/a/tags/list?n=2");
    assertThat(first.text()).isEqualTo("{\"name\":\"a\",\"tags\":[\"a\",\"b\"]}");
    assertThat(first.header("Link")).isEqualTo("</v2/a/tags/list?n=2&last=b>; rel=\"next\"");
    Answer second = client.send("GET", "/v2/a/tags/list?n=2&last=b");
    assertThat(second.text()).contains("[\"c\",\"v1\"]");
    assertThat(second.header("Link")).isEmpty();
    assertThat(client.send("GET", "/v2/none/tags/list").text()).contains("NAME_UNKNOWN");
    assertThat(client.send("GET", "/v2/_catalog").text()).isEqualTo("{\"repositories\":[\"a\"]}");
  }

  @Test
  void what_is_named_by_sha512_is_served_under_that_also_after_a_restart() throws IOException {
    Digest digest = sha512(BLOB);
    client.send("POST", "/v2/a/blobs/uploads/?digest=" + digest, BLOB);
    Descriptor blob = Descriptor.of("application/test", digest, BLOB.length);
    byte[] manifest = ImageWriter.write(Manifest.oci(blob, List.of(blob)));
    String key = sha512(manifest).toString();

    assertThat(put("a", sha512(BLOB).toString(), manifest).text()).contains("DIGEST_INVALID", key);
    Answer created = put("a", key, manifest);
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.header("Docker-Content-Digest")).isEqualTo(key);
    assertThat(put("a", "v1", manifest).header("Docker-Content-Digest")).startsWith("sha256:");
    registry.close();
    registry = RunningRegistry.start(data);
    client = new RegistryClient(registry.uri());
    assertThat(client.send("GET", "/v2/a/manifests/" + key).body()).isEqualTo(manifest);
    assertThat(client.send("GET", "/v2/a/blobs/" + digest).body()).isEqualTo(BLOB);
    assertThat(client.send("GET", "/v2/a/referrers/" + sha512(new byte[1])).status())
        .isEqualTo(200);
    assertThat(client.send("DELETE", "/v2/a/manifests/" + key).status()).isEqualTo(202);
    assertThat(client.send("GET", "/v2/a/manifests/" + key).status()).isEqualTo(404);
    assertThat(client.send("GET", "/v2/a/manifests/v1").status()).isEqualTo(200);
  }

  private static Digest sha512(byte[] content) {
    return new Digest("sha512", "0".repeat(128)).likewise(content);
  }

  @Test
  void what_is_about_a_manifest_is_listed_and_filtered() {
    byte[] subject = manifest(null);
    pushImage("a");
    byte[] signature = manifest(Descriptor.of(MediaTypes.OCI_MANIFEST, subject));

    Answer created = put("a", Digest.of(signature).toString(), signature);

    assertThat(created.header("OCI-Subject")).isEqualTo(Digest.of(subject).toString());
    String path = "/v2/a/referrers/" + Digest.of(subject);
    Answer all = client.send("GET", path);
    assertThat(all.header("Content-Type")).isEqualTo(MediaTypes.OCI_INDEX);
    assertThat(all.text()).contains(Digest.of(signature).toString(), "application/test");
    Answer none = client.send("GET", path + "?artifactType=application/other");
    assertThat(none.header("OCI-Filters-Applied")).isEqualTo("artifactType");
    assertThat(none.text()).contains("\"manifests\":[]");
    assertThat(client.send("GET", "/v2/none/referrers/" + OTHER).status()).isEqualTo(200);
  }

  @Test
  void manifests_tags_and_blobs_are_deleted() {
    pushImage("a");
    put("a", "v2", manifest(null));
    String digest = Digest.of(manifest(null)).toString();

    assertThat(client.send("DELETE", "/v2/a/manifests/v2").status()).isEqualTo(202);
    assertThat(client.send("GET", "/v2/a/manifests/v2").text()).contains("MANIFEST_UNKNOWN");
    assertThat(client.send("GET", "/v2/a/manifests/v1").status()).isEqualTo(200);
    assertThat(client.send("DELETE", "/v2/a/manifests/" + digest).status()).isEqualTo(202);
    assertThat(client.send("GET", "/v2/a/manifests/v1").status()).isEqualTo(404);
    assertThat(client.send("DELETE", "/v2/a/blobs/" + DIGEST).status()).isEqualTo(202);
    assertThat(client.send("DELETE", "/v2/a/blobs/" + DIGEST).status()).isEqualTo(404);
  }

  @Test
  void a_blob_waits_for_its_manifest_but_not_for_those_who_only_read_it() throws IOException {
    pushImage("a");
    client.send("GET", "/v2/a/blobs/" + DIGEST);
    client.send("DELETE", "/v2/a/manifests/" + Digest.of(manifest(null)));
    registry.collector.collect();
    assertThat(registry.store.find(DIGEST)).as("nobody needs it").isEmpty();

    client.send("POST", "/v2/a/blobs/uploads/?digest=" + DIGEST, BLOB);
    registry.collector.collect();
    assertThat(client.send("GET", "/v2/a/blobs/" + DIGEST).body())
        .as("its manifest is still to come")
        .isEqualTo(BLOB);
  }

  @Test
  void what_has_another_size_on_disk_than_it_should_is_unknown_and_suspected() throws IOException {
    pushImage("a");
    Files.write(RunningRegistry.fileOf(data, DIGEST), new byte[] {1});

    Answer answer = client.send("GET", "/v2/a/blobs/" + DIGEST);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text()).contains("BLOB_UNKNOWN");
    assertThat(registry.suspects).containsExactly(DIGEST);
  }

  @Test
  void what_is_no_endpoint_is_answered_with_an_error_code() {
    assertThat(client.send("GET", "/v2/a/nothing").status()).isEqualTo(404);
    for (String path : List.of("/v2/", "/v2/_catalog", "/v2/a/tags/list", "/v2/a/referrers/x")) {
      Answer refused = client.send("PUT", path);
      assertThat(refused.status()).as(path).isEqualTo(405);
      assertThat(refused.header("Allow")).isEqualTo("GET, HEAD");
      assertThat(refused.text()).contains("UNSUPPORTED");
    }
    assertThat(client.send("GET", "/v2/a/blobs/uploads/").header("Allow")).isEqualTo("POST");
    assertThat(client.send("GET", "/v2/a/blobs/sha256:12").text()).contains("DIGEST_INVALID");
    assertThat(client.send("GET", "/v2/a/manifests/md5:" + "a".repeat(32)).text())
        .contains("DIGEST_INVALID", "use sha256");
  }

  @Test
  void what_no_tag_can_be_called_is_not_there_and_cannot_be_put() {
    pushImage("a");
    for (String method : List.of("GET", "HEAD", "DELETE")) {
      assertThat(client.send(method, "/v2/a/manifests/.NO_TAG").status()).as(method).isEqualTo(404);
    }
    assertThat(client.send("GET", "/v2/a/manifests/.NO_TAG").text()).contains("MANIFEST_UNKNOWN");
    Answer put = put("a", ".NO_TAG", manifest(null));
    assertThat(put.status()).isEqualTo(400);
    assertThat(put.text()).contains("MANIFEST_INVALID");
  }

  @Test
  void a_large_blob_goes_through_in_pieces() {
    byte[] large = new byte[9_000_001];
    new Random(3).nextBytes(large);
    Digest digest = Digest.of(large);

    assertThat(client.send("POST", "/v2/a/blobs/uploads/?digest=" + digest, large).status())
        .isEqualTo(201);
    assertThat(Digest.of(client.send("GET", "/v2/a/blobs/" + digest).body())).isEqualTo(digest);
  }

  private void pushImage(String repository) {
    client.send("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + DIGEST, BLOB);
    assertThat(put(repository, "v1", manifest(null)).status()).isEqualTo(201);
  }

  private Answer put(String repository, String key, byte[] manifest) {
    return client.send(
        "PUT",
        "/v2/" + repository + "/manifests/" + key,
        manifest,
        "Content-Type",
        MediaTypes.OCI_MANIFEST);
  }

  private static byte[] manifest(Descriptor subject) {
    Descriptor blob = Descriptor.of("application/test", BLOB);
    return ImageWriter.write(
        new Manifest(MediaTypes.OCI_MANIFEST, null, blob, List.of(blob), subject, new TreeMap<>()));
  }
}
