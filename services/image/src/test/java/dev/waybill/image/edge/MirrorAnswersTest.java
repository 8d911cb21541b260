package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.image.ImageDeleted;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.image.ImageTagged;
import dev.waybill.contracts.image.PullFailure;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.workload.ImageRemovalRequested;
import dev.waybill.eventlog.Event;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImageSigner;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log says of a mirror's pulls. */
class MirrorAnswersTest {
  @TempDir Path data;
  private final LoopbackRegistry upstream = LoopbackRegistry.start();
  private FollowedLog log;

  @BeforeEach
  void start() throws Exception {
    log = new FollowedLog(data);
    log.start();
  }

  @AfterEach
  void stop() {
    log.close();
    upstream.close();
  }

  @Test
  void the_answer_names_the_platforms_that_are_here() {
    MadeImage arm64 = image(Platform.LINUX_ARM64, "arm64");
    MadeImage index = ImageMaker.index(image(Platform.LINUX_AMD64, "amd64"), arm64);
    upstream.add("team/app", "v1", index);

    log.ask(mirror("r1", "v1").addPlatforms("linux/arm64").addPlatforms("linux/arm").build());

    ImagePulled pulled = (ImagePulled) log.awaitImages(3).getLast().payload().orElseThrow();
    assertThat(pulled.getPlatform()).isEqualTo("linux/arm64");
    assertThat(pulled.getPlatformsList()).containsExactly("linux/arm64");
    assertThat(pulled.getDigest()).isEqualTo(arm64.digest().toString());
    assertThat(pulled.getIndexDigest()).isEqualTo(index.digest().toString());
  }

  @Test
  void a_platform_that_is_none_is_answered_as_invalid() {
    log.ask(mirror("r1", "v1").addPlatforms("amd64").build());

    ImagePullFailed failed = (ImagePullFailed) log.awaitImages(1).getLast().payload().orElseThrow();
    assertThat(failed.getFailure()).isEqualTo(PullFailure.PULL_FAILURE_INVALID);
  }

  @Test
  void a_signature_that_came_later_is_on_the_log_for_the_gate_to_look_again() {
    MadeImage image = image(Platform.LINUX_AMD64, "amd64");
    upstream.add("team/app", "v1", image);
    log.ask(mirror("r1", "v1").build());
    log.awaitImages(3);
    String tag = ImageSigner.tag(image.digest(), "sig");
    upstream.add("team/app", tag, ImageSigner.create().signature("team/app", image.digest()));

    log.ask(mirror("r2", "v1").build());

    List<Message> said = payloads(log.awaitImages(6));
    assertThat(said)
        .filteredOn(ImageTagged.class::isInstance)
        .extracting(event -> ((ImageTagged) event).getTag())
        .containsExactly("v1", tag);
    assertThat(((ImagePulled) said.getLast()).getFetchedBytes()).isZero();
  }

  @Test
  void the_answer_says_what_needed_no_network_until_a_collection_took_it_away() {
    upstream.add("team/app", "v1", chunked("one"));
    upstream.add("team/app", "v2", chunked("two"));
    upstream.add("team/app", "v3", chunked("three"));
    log.ask(mirror("r1", "v1").build());
    log.awaitImages(3);
    log.ask(mirror("r2", "v2").build());
    ImagePulled second = (ImagePulled) log.awaitImages(6).getLast().payload().orElseThrow();
    assertThat(second.getReusedBytes()).isGreaterThan(second.getSizeBytes() * 8 / 10);
    assertThat(second.getFetchedBytes()).isPositive().isLessThan(second.getSizeBytes() / 5);

    log.ask(removal("v1"));
    log.awaitImages(8);
    log.ask(removal("v2"));
    assertThat(payloads(log.awaitImages(10)).getLast()).isInstanceOf(ImageDeleted.class);
    log.ask(mirror("r3", "v3").build());

    ImagePulled third = (ImagePulled) log.awaitImages(13).getLast().payload().orElseThrow();
    assertThat(third.getReusedBytes()).isZero();
    assertThat(third.getFetchedBytes()).isEqualTo(third.getSizeBytes());
  }

  private ImageAdmitted.Builder mirror(String request, String tag) {
    return ImageAdmitted.newBuilder()
        .setRequestId(request)
        .setReference(upstream.host() + "/team/app:" + tag)
        .setWithProofs(true)
        .setForMirror(true);
  }

  private ImageRemovalRequested removal(String tag) {
    return ImageRemovalRequested.newBuilder()
        .setReference(upstream.host() + "/team/app:" + tag)
        .build();
  }

  private static List<Message> payloads(List<Event> events) {
    return events.stream().map(event -> event.payload().orElseThrow()).toList();
  }

  private static MadeImage image(Platform platform, String text) {
    return ImageMaker.image()
        .platform(platform)
        .layer(LayerCompression.GZIP, LayerEntry.file("a", text))
        .make();
  }

  private static MadeImage chunked(String version) {
    List<LayerEntry> files = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      byte[] content = new byte[5000];
      new Random(i).nextBytes(content);
      files.add(LayerEntry.file("f%02d".formatted(i), content));
    }
    files.add(LayerEntry.file("version", version));
    return ImageMaker.image()
        .platform(Platform.LINUX_AMD64)
        .layer(LayerCompression.ZSTD_CHUNKED, files)
        .make();
  }
}
