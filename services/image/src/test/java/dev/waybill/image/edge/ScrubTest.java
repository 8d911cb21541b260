package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.image.BlobCorrupted;
import dev.waybill.contracts.image.BlobRestored;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.image.scrub.ScrubLimits;
import dev.waybill.image.scrub.Scrubber;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScrubTest {
  private static final long BYTES_PER_SECOND = 1_000;

  @TempDir Path data;
  private final LoopbackRegistry upstream = LoopbackRegistry.start();
  private final MadeImage image =
      ImageMaker.image()
          .platform(Platform.LINUX_AMD64)
          .layer(LayerCompression.GZIP, LayerEntry.file("a", "x".repeat(10_000)))
          .make();
  private final Digest layer = image.blobs().lastKey();
  private final List<Duration> pauses = new ArrayList<>();
  private FollowedLog log;

  @BeforeEach
  void start() throws Exception {
    upstream.add("team/app", "v1", image);
    log = new FollowedLog(data);
    log.start();
  }

  @AfterEach
  void stop() {
    log.close();
    upstream.close();
  }

  @Test
  void a_flipped_byte_of_a_pulled_image_is_found_said_and_mended() throws Exception {
    log.ask(admitted("r1"));
    log.awaitImages(3);
    flipAByteOf(layer);

    pass();

    List<Message> said = payloads(5);
    BlobCorrupted corrupted = (BlobCorrupted) said.get(3);
    assertThat(corrupted.getDigest()).isEqualTo(layer.toString());
    assertThat(corrupted.getActualDigest()).startsWith("sha256:").isNotEqualTo(layer.toString());
    assertThat(corrupted.getRepositoriesList()).containsExactly(mirror());
    assertThat(corrupted.getUpstreamsList())
        .containsExactly(upstream.host() + "/team/app@" + image.digest());
    assertThat(((BlobRestored) said.get(4)).getDigest()).isEqualTo(layer.toString());
    assertThat(log.store().read(log.store().find(layer).orElseThrow()))
        .isEqualTo(image.blobs().get(layer));
    assertThat(log.catalog().current().blobSize(mirror(), layer)).isPresent();
    assertThat(data.resolve("quarantine").resolve(layer.hex())).exists();
  }

  @Test
  void a_damaged_manifest_is_mended_too() throws Exception {
    log.ask(admitted("r1"));
    log.awaitImages(3);
    flipAByteOf(image.digest());

    pass();

    assertThat(((BlobRestored) payloads(5).getLast()).getDigest())
        .isEqualTo(image.digest().toString());
  }

  @Test
  void what_the_upstream_cannot_give_now_comes_back_with_the_next_pull() throws Exception {
    log.ask(admitted("r1"));
    log.awaitImages(3);
    flipAByteOf(layer);
    upstream.inject(new Fault.WrongContent(layer));
    pass();
    assertThat(payloads(4).getLast()).isInstanceOf(BlobCorrupted.class);
    assertThat(log.store().find(layer)).as("never served again").isEmpty();

    upstream.heal();
    log.ask(admitted("r2"));

    ImagePulled pulled = (ImagePulled) payloads(6).getLast();
    assertThat(pulled.getFetchedBytes()).isEqualTo(image.blobs().get(layer).length);
    assertThat(log.store().find(layer)).isPresent();
  }

  @Test
  void a_pushed_blob_that_is_damaged_is_unknown_until_it_is_pushed_again() throws Exception {
    log.push("web", "v1", image);
    log.awaitImages(1);
    flipAByteOf(layer);

    pass();

    BlobCorrupted corrupted = (BlobCorrupted) payloads(2).getLast();
    assertThat(corrupted.getRepositoriesList()).containsExactly("web");
    assertThat(corrupted.getUpstreamsList()).isEmpty();
    assertThat(log.catalog().current().blobSize("web", layer)).isEmpty();
    assertThat(log.store().find(layer)).isEmpty();
    log.push("web", "v2", image);
    assertThat(log.store().find(layer)).isPresent();
  }

  @Test
  void a_pass_reads_everything_at_its_rate_and_goes_on_where_it_was() throws Exception {
    log.push("web", "v1", image);
    List<Digest> reached = new ArrayList<>();
    Scrubber scrubber = scrubber();

    scrubber.pass(Optional.empty(), reached::add);

    assertThat(reached).hasSize(3).isSorted();
    long bytes = reached.stream().mapToLong(it -> log.store().find(it).orElseThrow().size()).sum();
    assertThat(pauses.stream().mapToLong(Duration::toMillis).sum())
        .isBetween(bytes - 3, bytes); // At 1000 bytes a second, a millisecond for each.
    List<Digest> rest = new ArrayList<>();
    scrubber.pass(Optional.of(reached.getFirst()), rest::add);
    assertThat(rest).isEqualTo(reached.subList(1, 3));
  }

  @Test
  void the_service_reads_what_is_suspected_and_begins_the_next_pass_in_time() throws Exception {
    log.push("web", "v1", image);
    Scrubber scrubber = scrubber();
    try (Scrubbing scrubbing =
        Scrubbing.start(scrubber, Duration.ofHours(1), data.resolve("scrub.json"), log.clock())) {
      while (!Files.exists(data.resolve("scrub.json"))
          || !Files.readString(data.resolve("scrub.json")).contains("\"done\":true")) {
        Thread.onSpinWait();
      }
      flipAByteOf(layer);
      scrubber.suspect(layer);

      assertThat(payloads(2).getLast()).isInstanceOf(BlobCorrupted.class);
    }
  }

  private void pass() throws Exception {
    scrubber().pass(Optional.empty(), _ -> {});
  }

  private Scrubber scrubber() {
    ScrubLimits limits = new ScrubLimits(Duration.ofHours(1), BYTES_PER_SECOND);
    return log.scrubber(limits, pauses::add);
  }

  private void flipAByteOf(Digest digest) throws Exception {
    Path file = RunningRegistry.fileOf(data, digest);
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
  }

  private String mirror() {
    return "mirror/" + upstream.host().replace(':', '_') + "/team/app";
  }

  private ImageAdmitted admitted(String request) {
    return ImageAdmitted.newBuilder()
        .setRequestId(request)
        .setReference(upstream.host() + "/team/app:v1")
        .build();
  }

  private List<Message> payloads(int count) {
    return log.awaitImages(count).stream().map(event -> event.payload().orElseThrow()).toList();
  }
}
