package dev.waybill.image.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.ingest.PullOutcome.Failed;
import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.image.ingest.PullOutcome.Reason;
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
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries that do things wrong. */
class PullFaultsTest {
  @TempDir Path data;
  private final LoopbackRegistry upstream = LoopbackRegistry.start();
  private final MadeImage image = sample(Platform.LINUX_AMD64);
  private PullSite site;

  @BeforeEach
  void start() throws Exception {
    site = PullSite.open(data);
    upstream.add("team/app", "v1", image);
  }

  @AfterEach
  void stop() throws Exception {
    site.close();
    upstream.close();
    try (Stream<Path> left = Files.list(data.resolve("ingest"))) {
      assertThat(left).as("nothing half-made stays").isEmpty();
    }
  }

  @Test
  void a_layer_with_a_wrong_digest_is_refused() throws Exception {
    upstream.inject(new Fault.WrongContent(layer()));

    assertFailed(site.pull(name("v1")), Reason.DIGEST_MISMATCH, "arrived as sha256:");
    assertThat(site.store.find(layer())).isEmpty();
    assertThat(site.catalog.current().repositories()).isEmpty();
  }

  @Test
  void a_layer_of_more_bytes_than_the_manifest_says_is_refused_before_it_fills_the_disk()
      throws Exception {
    upstream.inject(new Fault.Longer(layer(), 1 << 20));

    assertFailed(site.pull(name("v1")), Reason.DIGEST_MISMATCH, "is longer than the");
    assertThat(site.store.find(layer())).isEmpty();
  }

  @Test
  void a_manifest_with_a_wrong_digest_is_refused() throws Exception {
    upstream.inject(new Fault.WrongContent(image.digest()));

    assertFailed(site.pull(name("v1")), Reason.DIGEST_MISMATCH, "was announced as");
  }

  @Test
  void a_download_that_breaks_off_goes_on_where_it_was() throws Exception {
    upstream.inject(new Fault.Truncated(layer(), 100_000, 2));

    Pulled pulled = pulled(site.pull(name("v1")));

    assertThat(upstream.requestsWith("blobs/" + layer() + " bytes=")).isEqualTo(2);
    assertThat(pulled.bytesFetched()).as("no byte twice").isEqualTo(pulled.bytes());
  }

  @Test
  void a_download_begins_again_where_the_registry_has_no_ranges() throws Exception {
    upstream.inject(new Fault.Truncated(layer(), 100_000, 1));
    upstream.inject(new Fault.WithoutRanges());

    Pulled pulled = pulled(site.pull(name("v1")));

    assertThat(pulled.bytesFetched()).isGreaterThan(pulled.bytes());
  }

  @Test
  void a_layer_that_is_always_cut_off_is_given_up() throws Exception {
    upstream.inject(new Fault.Truncated(layer(), 10, 1000));

    assertFailed(site.pull(name("v1")), Reason.UNREACHABLE, "broke off 4 times");
  }

  @Test
  void a_copy_that_was_cut_off_goes_on_with_the_blobs_that_are_there() throws Exception {
    upstream.inject(new Fault.Truncated(layer(), 10, 1000));
    assertFailed(site.pull(name("v1")), Reason.UNREACHABLE, "broke off 4 times");
    upstream.heal();

    Pulled pulled = pulled(site.pull(name("v1")));

    assertThat(pulled.bytesFetched()).isLessThan(pulled.bytes());
    // The other layer may have been given up with the one that was cut off.
    assertThat(upstream.requestsWith("blobs/" + pulled.config())).as("fetched once").isEqualTo(1);
  }

  @Test
  void a_download_that_stalls_is_taken_up_again() throws Exception {
    upstream.inject(new Fault.Stalled(layer(), 100_000, 1));

    pulled(site.pull(name("v1")));

    assertThat(upstream.requestsWith("blobs/" + layer() + " bytes=")).isEqualTo(1);
  }

  @Test
  void a_busy_registry_is_left_alone_as_long_as_it_says() throws Exception {
    upstream.inject(new Fault.Busy(429, Duration.ofSeconds(7), 1));
    upstream.inject(new Fault.Busy(503, Duration.ZERO, 1));

    pulled(site.pull(name("v1")));

    assertThat(site.pauses).containsExactly(Duration.ofSeconds(7), Duration.ofMillis(20));
  }

  @Test
  void a_registry_that_stays_busy_is_given_up() throws Exception {
    upstream.inject(new Fault.Busy(429, Duration.ZERO, 1000));

    assertFailed(site.pull(name("v1")), Reason.BUSY, "answers 429 after 3 attempts");
  }

  @Test
  void a_registry_that_asks_for_too_long_a_break_is_given_up_at_once() throws Exception {
    upstream.inject(new Fault.Busy(429, Duration.ofHours(1), 1000));

    assertFailed(site.pull(name("v1")), Reason.BUSY, "after 1 attempts");
    assertThat(site.pauses).isEmpty();
  }

  @Test
  void a_manifest_over_the_limit_is_refused_unread() throws Exception {
    upstream.inject(new Fault.OversizeManifest((4 << 20) + 1));

    assertFailed(site.pull(name("v1")), Reason.MALFORMED, "over the limit of 4194304 bytes");
  }

  @Test
  void a_blob_that_is_shorter_than_the_manifest_says_is_given_up_and_not_kept() throws Exception {
    upstream.inject(new Fault.Shorter(layer(), 100));

    assertFailed(site.pull(name("v1")), Reason.UNREACHABLE, "broke off");
    assertThat(site.store.find(layer())).isEmpty();
  }

  @Test
  void a_manifest_that_breaks_off_is_asked_for_again_and_then_given_up() throws Exception {
    upstream.inject(new Fault.BrokenManifest(image.digest(), 2));
    pulled(site.pull(name("v1")));

    MadeImage two = sample(Platform.LINUX_AMD64, "two");
    upstream.add("team/app", "v2", two);
    upstream.inject(new Fault.BrokenManifest(two.digest(), 1000));
    assertFailed(site.pull(name("v2")), Reason.UNREACHABLE, "broke off 3 times");
  }

  @Test
  void a_registry_cannot_send_us_to_the_link_of_this_machine() throws Exception {
    for (String prefix : List.of("https://169.254.169.254", "http://169.254.169.254")) {
      upstream.heal();
      upstream.inject(new Fault.Redirecting(prefix));

      assertFailed(site.pull(name("v1")), Reason.REDIRECT_REFUSED, "redirects us, but");
    }
  }

  private String name(String tag) {
    return upstream.host() + "/team/app:" + tag;
  }

  private Digest layer() {
    return image.blobs().entrySet().stream()
        .max((a, b) -> Integer.compare(a.getValue().length, b.getValue().length))
        .orElseThrow()
        .getKey();
  }

  private static MadeImage sample(Platform platform) {
    return sample(platform, "one");
  }

  private static MadeImage sample(Platform platform, String text) {
    byte[] large = new byte[300_000];
    new Random(text.hashCode()).nextBytes(large);
    return ImageMaker.image()
        .platform(platform)
        .layer(LayerCompression.GZIP, LayerEntry.file("large", large))
        .layer(LayerCompression.ZSTD, LayerEntry.file("text", text + platform))
        .make();
  }

  private static Pulled pulled(PullOutcome outcome) {
    assertThat(outcome).isInstanceOf(Pulled.class);
    return (Pulled) outcome;
  }

  private static void assertFailed(PullOutcome outcome, Reason reason, String why) {
    assertThat(outcome).isInstanceOf(Failed.class);
    assertThat(((Failed) outcome).message()).contains(why);
    assertThat(((Failed) outcome).reason()).isEqualTo(reason);
  }
}
