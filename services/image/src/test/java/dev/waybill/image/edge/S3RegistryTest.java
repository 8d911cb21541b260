package dev.waybill.image.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.waybill.contracts.image.BlobCorrupted;
import dev.waybill.contracts.image.BlobRestored;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.image.edge.RegistryClient.Answer;
import dev.waybill.image.scrub.ScrubLimits;
import dev.waybill.image.scrub.Scrubber;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.StoreFailedException;
import dev.waybill.image.store.s3.FaultyLine;
import dev.waybill.image.store.s3.LoopbackS3;
import dev.waybill.image.store.s3.S3BlobStore;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** The registry, the scrubber and the collector with their content in a bucket. */
class S3RegistryTest {
  private static final ScrubLimits SCRUB = new ScrubLimits(Duration.ofHours(1), 1 << 30);

  @TempDir Path home;
  @TempDir Path data;
  private final MadeImage image =
      ImageMaker.image()
          .platform(Platform.LINUX_AMD64)
          .layer(LayerCompression.GZIP, LayerEntry.file("a", "x".repeat(10_000)))
          .make();
  private final Digest layer = image.blobs().lastKey();
  private LoopbackS3 s3;
  private FaultyLine line;

  @BeforeEach
  void start() throws Exception {
    s3 = LoopbackS3.start(home);
    line = FaultyLine.to(s3.port());
  }

  @AfterEach
  void stop() throws Exception {
    line.close();
    s3.close();
  }

  private S3BlobStore open() throws IOException {
    return S3BlobStore.open(s3.settings("team/", line.port()), data);
  }

  @Test
  void the_settings_of_the_service_lead_to_a_store_in_the_bucket() throws Exception {
    ImageServiceConfig config =
        ImageServiceConfigTest.config(
            Map.of(
                "waybill.image.data-directory",
                data.toString(),
                "waybill.image.storage",
                "s3",
                "waybill.image.s3.bucket",
                LoopbackS3.BUCKET,
                "waybill.image.s3.prefix",
                "cell-1",
                "waybill.image.s3.endpoint",
                "http://127.0.0.1:" + s3.port(),
                "waybill.image.s3.path-style",
                "true",
                "waybill.image.s3.credentials-file",
                s3.settings("").credentials().orElseThrow().toString()));

    try (BlobStore store = BlobStorage.open(config);
        S3Client client = s3.client()) {
      Digest digest = store.store(new byte[] {1}).digest();

      String key = "cell-1/blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex();
      assertThat(client.headObject(it -> it.bucket(LoopbackS3.BUCKET).key(key)).contentLength())
          .isEqualTo(1);
    }
  }

  @Test
  void an_image_is_pushed_pulled_removed_and_collected() throws Exception {
    byte[] manifest = image.documents().getFirst().content();
    try (S3BlobStore store = open();
        RunningRegistry registry = RunningRegistry.start(data, store);
        RegistryClient client = new RegistryClient(registry.uri())) {
      image.blobs().values().forEach(blob -> push(client, blob));
      Answer put =
          client.send(
              "PUT",
              "/v2/app/manifests/v1",
              manifest,
              "Content-Type",
              "application/vnd.oci.image.manifest.v1+json");
      assertThat(put.status()).as(put.text()).isEqualTo(201);

      assertThat(client.send("GET", "/v2/app/manifests/v1").body()).isEqualTo(manifest);
      Answer head = client.send("HEAD", "/v2/app/blobs/" + layer);
      byte[] content = image.blobs().get(layer);
      assertThat(head.header("Content-Length")).isEqualTo("" + content.length);
      Answer whole = client.send("GET", "/v2/app/blobs/" + layer);
      assertThat(whole.body()).isEqualTo(content);
      assertThat(whole.header("Content-Length")).isEqualTo("" + content.length);
      Answer part = client.send("GET", "/v2/app/blobs/" + layer, new byte[0], "Range", "bytes=5-9");
      assertThat(part.status()).isEqualTo(206);
      assertThat(part.header("Content-Range")).isEqualTo("bytes 5-9/" + content.length);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, 5, 10));
    }
    try (S3BlobStore store = open();
        RunningRegistry registry = RunningRegistry.start(data, store);
        RegistryClient client = new RegistryClient(registry.uri())) {
      assertThat(client.send("GET", "/v2/app/manifests/v1").body())
          .as("after a restart")
          .isEqualTo(manifest);
      client.send("DELETE", "/v2/app/manifests/" + image.digest());

      assertThat(registry.collector.collect().blobs()).isEqualTo(3);

      assertThat(store.all()).isEmpty();
      assertThat(client.send("GET", "/v2/app/blobs/" + layer).status()).isEqualTo(404);
    }
  }

  @Test
  void a_layer_that_is_pushed_in_chunks_is_pulled_by_several_at_once() throws Exception {
    byte[] content = new byte[40 << 20];
    new Random(1).nextBytes(content);
    Digest digest = Digest.of(content);
    try (S3BlobStore store = open();
        RunningRegistry registry = RunningRegistry.start(data, store);
        RegistryClient client = new RegistryClient(registry.uri())) {
      String location = client.send("POST", "/v2/app/blobs/uploads/").header("Location");
      int half = content.length / 2;
      client.send("PATCH", location, Arrays.copyOf(content, half));
      client.send("PATCH", location, Arrays.copyOfRange(content, half, content.length));
      assertThat(client.send("PUT", location + "?digest=" + digest).status()).isEqualTo(201);

      List<Answer> pulled =
          List.of(1, 2, 3).parallelStream()
              .map(_ -> client.send("GET", "/v2/app/blobs/" + digest))
              .toList();

      assertThat(pulled).allSatisfy(it -> assertThat(it.body()).isEqualTo(content));
    }
  }

  @Test
  void a_storage_that_is_out_of_reach_is_said_with_503_and_the_push_works_afterwards()
      throws Exception {
    byte[] known = "known".getBytes(UTF_8);
    byte[] other = "other".getBytes(UTF_8);
    try (S3BlobStore store = open();
        RunningRegistry registry = RunningRegistry.start(data, store);
        RegistryClient client = new RegistryClient(registry.uri())) {
      push(client, known);
      s3.stop();

      Answer pull = client.send("GET", "/v2/app/blobs/" + Digest.of(known));
      Answer push = client.send("POST", "/v2/app/blobs/uploads/?digest=" + Digest.of(other), other);

      assertThat(pull.status()).isEqualTo(503);
      assertThat(pull.header("Retry-After")).isEqualTo("5");
      assertThat(push.status()).isEqualTo(503);
      assertThat(push.text()).contains("cannot reach http://127.0.0.1:" + line.port());
      s3.restart();
      push(client, other);
      assertThat(client.send("GET", "/v2/app/blobs/" + Digest.of(known)).body()).isEqualTo(known);
    }
  }

  @Test
  void a_pull_whose_storage_breaks_off_for_good_is_cut_and_not_taken_for_the_whole()
      throws Exception {
    byte[] content = new byte[8 << 20];
    try (S3BlobStore store = open();
        RunningRegistry registry = RunningRegistry.start(data, store);
        RegistryClient client = new RegistryClient(registry.uri())) {
      push(client, content);
      line.inject(new FaultyLine.Fault.CutDown(1 << 20));

      assertThatThrownBy(() -> client.send("GET", "/v2/app/blobs/" + Digest.of(content)))
          .isInstanceOf(UncheckedIOException.class);

      line.inject(new FaultyLine.Fault.None());
      assertThat(client.send("GET", "/v2/app/blobs/" + Digest.of(content)).body())
          .isEqualTo(content);
    }
  }

  @Test
  void content_that_became_shorter_is_not_sent_and_is_suspected() throws Exception {
    byte[] content = "0123456789".getBytes(UTF_8);
    Digest digest = Digest.of(content);
    try (S3BlobStore store = open();
        RunningRegistry registry = RunningRegistry.start(data, store);
        RegistryClient client = new RegistryClient(registry.uri())) {
      push(client, content);
      put(digest, Arrays.copyOf(content, 5));

      assertThat(client.send("GET", "/v2/app/blobs/" + digest).status()).isEqualTo(500);
      assertThat(client.send("GET", "/v2/app/blobs/" + digest).status()).isEqualTo(404);

      assertThat(registry.suspects).containsExactly(digest);
    }
  }

  @Test
  void damage_in_the_bucket_is_found_and_mended_but_an_outage_is_no_damage() throws Exception {
    FollowedLog log = new FollowedLog(data, this::open);
    log.start();
    try (LoopbackRegistry upstream = LoopbackRegistry.start();
        log) {
      upstream.add("team/app", "v1", image);
      log.ask(
          ImageAdmitted.newBuilder()
              .setRequestId("r1")
              .setReference(upstream.host() + "/team/app:v1")
              .build());
      assertThat(payloads(log, 3).getLast()).isInstanceOf(ImagePulled.class);
      Scrubber scrubber = log.scrubber(SCRUB, _ -> {});
      s3.stop();
      assertThatThrownBy(() -> scrubber.pass(Optional.empty(), _ -> {}))
          .isInstanceOf(StoreFailedException.class);
      s3.restart();
      spoil(layer);

      scrubber.pass(Optional.empty(), _ -> {});

      List<Message> said = payloads(log, 5);
      assertThat(((BlobCorrupted) said.get(3)).getDigest()).isEqualTo(layer.toString());
      assertThat(((BlobRestored) said.get(4)).getDigest()).isEqualTo(layer.toString());
      assertThat(log.store().read(log.store().find(layer).orElseThrow()))
          .isEqualTo(image.blobs().get(layer));
    }
  }

  private static List<Message> payloads(FollowedLog log, int count) {
    return log.awaitImages(count).stream().map(event -> event.payload().orElseThrow()).toList();
  }

  private static void push(RegistryClient client, byte[] blob) {
    Answer answer = client.send("POST", "/v2/app/blobs/uploads/?digest=" + Digest.of(blob), blob);
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
  }

  /** Flips a byte of an object, as a failing disk of the storage would. */
  private void spoil(Digest digest) {
    byte[] content = image.blobs().get(digest).clone();
    content[content.length / 2] ^= 1;
    put(digest, content);
  }

  private void put(Digest digest, byte[] content) {
    String key = "team/blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex();
    try (S3Client client = s3.client()) {
      client.putObject(
          put -> put.bucket(LoopbackS3.BUCKET).key(key), RequestBody.fromBytes(content));
    }
  }
}
