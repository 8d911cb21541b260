package dev.waybill.image.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.image.ingest.PullOutcome.Failed;
import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.image.ingest.PullOutcome.Reason;
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
  void an_image_that_is_named_by_sha512_is_pulled_under_that_name() throws Exception {
    MadeImage named = image.bySha512();
    upstream.add("team/app", "512", named);

    Pulled pulled = pulled(site.pull(upstream.host() + "/team/app@" + named.digest()));

    assertThat(pulled.digest()).isEqualTo(named.digest());
    named.blobs().keySet().forEach(blob -> assertThat(site.store.find(blob)).isPresent());
    assertThat(site.store.find(named.digest())).isPresent();
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
