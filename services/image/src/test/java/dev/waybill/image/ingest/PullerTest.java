package dev.waybill.image.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.image.ingest.PullOutcome.Failed;
import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PullerTest {
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
  void an_image_is_fetched_whole_and_is_readable_as_a_mirror() throws Exception {
    Pulled pulled = pulled(site.pull(name("v1")));

    assertThat(pulled.digest()).isEqualTo(image.digest());
    assertThat(pulled.layers()).isEqualTo(2);
    assertThat(pulled.bytesFetched()).isEqualTo(pulled.bytes());
    assertThat(pulled.repository())
        .isEqualTo("mirror/" + upstream.host().replace(':', '_') + "/team/app");
    image.blobs().keySet().forEach(blob -> assertThat(site.store.find(blob)).isPresent());
    assertThat(site.catalog.current().manifest(pulled.repository(), new ManifestKey.ByTag("v1")))
        .get()
        .extracting(entry -> entry.digest())
        .isEqualTo(image.digest());
  }

  @Test
  void an_image_that_is_here_is_not_fetched_again() throws Exception {
    site.pull(name("v1"));
    long requests = upstream.requests().size();

    assertThat(pulled(site.pull(name("v1"))).bytesFetched()).isZero();
    assertThat(upstream.requests()).hasSize((int) requests);
  }

  @Test
  void a_tag_that_moved_is_followed_only_if_the_policy_is_always() throws Exception {
    site.pull(name("v1"));
    MadeImage newer =
        ImageMaker.image()
            .platform(Platform.LINUX_AMD64)
            .layer(LayerCompression.GZIP, LayerEntry.file("new", "x"))
            .make();
    upstream.add("team/app", "v1", newer);

    assertThat(pulled(site.pull(name("v1"))).digest()).isEqualTo(image.digest());
    assertThat(pulled(site.pull(name("v1"), PullPolicy.ALWAYS)).digest()).isEqualTo(newer.digest());
    assertThat(pulled(site.pull(name("v1"))).digest()).isEqualTo(newer.digest());
  }

  @Test
  void of_an_index_the_platform_is_fetched_and_another_one_when_it_is_needed() throws Exception {
    MadeImage arm = sample(Platform.LINUX_ARM64);
    MadeImage index = ImageMaker.index(image, arm);
    upstream.add("team/app", "multi", index);

    Pulled amd64 = pulled(site.pull(name("multi")));
    assertThat(amd64.digest()).isEqualTo(index.digest());
    assertThat(amd64.manifest()).isEqualTo(image.digest());
    assertThat(site.store.find(arm.digest())).isEmpty();

    Pulled arm64 = pulled(site.pull(name("multi"), Platform.LINUX_ARM64));
    assertThat(arm64.digest()).isEqualTo(index.digest());
    assertThat(arm64.manifest()).isEqualTo(arm.digest());
  }

  @Test
  void an_image_for_another_platform_is_refused() throws Exception {
    upstream.add("team/app", "arm", sample(Platform.LINUX_ARM64));
    upstream.add("team/app", "arms", ImageMaker.index(sample(Platform.LINUX_ARM64)));

    assertFailed(
        site.pull(name("arm")), Reason.NO_PLATFORM, "for linux/arm64, not for linux/amd64");
    assertFailed(site.pull(name("arms")), Reason.NO_PLATFORM, "but for [linux/arm64]");
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
    long others =
        image.blobs().keySet().stream()
            .filter(blob -> !blob.equals(layer()))
            .filter(blob -> upstream.requestsWith("blobs/" + blob) == 1)
            .count();
    assertThat(others).as("fetched once").isEqualTo(image.blobs().size() - 1L);
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
  void an_unknown_image_is_said_to_be_unknown() throws Exception {
    assertFailed(site.pull(name("none")), Reason.NOT_FOUND, "has no /v2/team/app/manifests/none");
  }

  @Test
  void a_registry_that_is_away_is_said_to_be_away() throws Exception {
    assertFailed(site.pull("127.0.0.1:1/app"), Reason.UNREACHABLE, "127.0.0.1:1");
  }

  @Test
  void a_password_is_given_where_it_is_asked_for() throws Exception {
    upstream.inject(new Fault.BasicRequired("me", "pass"));
    assertFailed(site.pull(name("v1")), Reason.UNAUTHORIZED, "wants a log-in");

    site.logIn(upstream.host(), "me", "wrong");
    assertFailed(site.pull(name("v1")), Reason.UNAUTHORIZED, "refuses the log-in");
    site.logIn(upstream.host(), "me", "pass");
    pulled(site.pull(name("v1")));
  }

  @Test
  void a_token_is_fetched_with_and_without_a_password() throws Exception {
    upstream.inject(new Fault.AnonymousTokenRequired());
    pulled(site.pull(name("v1")));

    upstream.heal();
    upstream.inject(new Fault.TokenRequired("me", "pass"));
    upstream.add("team/app", "v2", sample(Platform.LINUX_AMD64, "two"));
    assertFailed(site.pull(name("v2")), Reason.UNAUTHORIZED, "token service");
    site.logIn(upstream.host(), "me", "pass");
    pulled(site.pull(name("v2")));
  }

  @Test
  void blobs_may_be_elsewhere_but_not_in_a_circle() throws Exception {
    try (LoopbackRegistry elsewhere = LoopbackRegistry.start()) {
      elsewhere.add("team/app", "v1", image);
      upstream.inject(new Fault.Redirecting("http://" + elsewhere.host()));
      pulled(site.pull(name("v1")));

      upstream.add("team/app", "v2", sample(Platform.LINUX_AMD64, "two"));
      elsewhere.inject(new Fault.Redirecting("http://" + upstream.host()));
      assertFailed(site.pull(name("v2")), Reason.REDIRECT_REFUSED, "more than 5 redirects");
    }
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

  @Test
  void indexes_that_lead_on_and_on_are_given_up() throws Exception {
    MadeImage nested = image;
    for (int depth = 0; depth < 5; depth++) {
      nested = ImageMaker.index(nested);
    }
    upstream.add("team/app", "deep", nested);

    assertFailed(site.pull(name("deep")), Reason.MALFORMED, "nested deeper than 3");
  }

  @Test
  void what_is_named_twice_is_fetched_once() throws Exception {
    MadeImage twice =
        ImageMaker.image()
            .platform(Platform.LINUX_AMD64)
            .layer(LayerCompression.GZIP, LayerEntry.file("same", "x"))
            .layer(LayerCompression.GZIP, LayerEntry.file("same", "x"))
            .make();
    upstream.add("team/app", "twice", ImageMaker.index(twice, twice));

    assertThat(pulled(site.pull(name("twice"))).layers()).isEqualTo(2);

    twice
        .blobs()
        .keySet()
        .forEach(blob -> assertThat(upstream.requestsWith("blobs/" + blob)).isEqualTo(1));
  }

  @Test
  void an_image_of_more_layers_than_there_may_be_is_refused() throws Exception {
    ImageMaker many = ImageMaker.image().platform(Platform.LINUX_AMD64);
    for (int i = 0; i < 129; i++) {
      many.layer(LayerCompression.GZIP, LayerEntry.file("f" + i, "x"));
    }
    upstream.add("team/app", "many", many.make());

    assertFailed(site.pull(name("many")), Reason.MALFORMED, "128");
  }

  @Test
  void pulls_of_one_image_at_the_same_time_fetch_each_layer_once() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<PullOutcome> one = () -> site.pull(name("v1"));
      for (Future<PullOutcome> pull : threads.invokeAll(List.of(one, one, one, one))) {
        pulled(pull.get());
      }
    }
    image
        .blobs()
        .keySet()
        .forEach(blob -> assertThat(upstream.requestsWith("blobs/" + blob)).isEqualTo(1));
  }

  @Test
  void an_image_pushed_here_needs_no_registry() throws Exception {
    site.push("web", "v1", image);

    Pulled pulled = pulled(site.pull("web:v1", PullPolicy.ALWAYS));

    assertThat(pulled.repository()).isEqualTo("web");
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void a_pushed_image_can_be_pulled_from_upstream_too() throws Exception {
    try (ImagePush push = ImagePush.to(upstream.uri())) {
      push.push(sample(Platform.LINUX_AMD64, "pushed"), "team/pushed", "v1");
    }

    pulled(site.pull(upstream.host() + "/team/pushed:v1"));
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
