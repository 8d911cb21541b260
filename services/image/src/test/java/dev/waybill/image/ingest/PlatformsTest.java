package dev.waybill.image.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.catalog.MirrorName;
import dev.waybill.image.ingest.PullOutcome.Failed;
import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.registryclient.BandwidthCap;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImageSigner;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mirror fetches: several platforms, proofs anew, no faster than it may. */
class PlatformsTest {
  private static final Optional<BandwidthCap> NO_CAP = Optional.empty();

  @TempDir Path data;
  private final LoopbackRegistry upstream = LoopbackRegistry.start();
  private final MadeImage amd64 = image(Platform.LINUX_AMD64);
  private final MadeImage arm64 = image(Platform.parse("linux/arm64/v8"));
  private final MadeImage armv7 = image(Platform.parse("linux/arm/v7"));
  private final MadeImage index = ImageMaker.index(amd64, arm64, armv7);
  private PullSite site;

  @BeforeEach
  void start() throws Exception {
    site = PullSite.open(data);
    upstream.add("team/app", "v1", index);
  }

  @AfterEach
  void stop() {
    site.close();
    upstream.close();
  }

  @Test
  void of_an_index_the_named_platforms_are_copied_and_the_index_stays_as_it_is() throws Exception {
    Pulled pulled = mirrored("v1", "linux/amd64", "linux/arm64");

    assertThat(pulled.digest()).isEqualTo(index.digest());
    assertThat(pulled.manifest()).isEqualTo(amd64.digest());
    assertThat(pulled.platforms()).containsExactly("linux/amd64", "linux/arm64/v8");
    assertThat(here("v1")).isEqualTo(index.digest());
    assertThat(isHere(arm64)).isTrue();
    assertThat(isHere(armv7)).as("a child that is not wanted is absent").isFalse();
    assertThat(store(index.digest())).isEqualTo(index.documents().getLast().content());
  }

  @Test
  void all_platforms_are_copied() throws Exception {
    Pulled pulled = mirrored("v1", "all");

    assertThat(pulled.platforms()).hasSize(3);
    assertThat(List.of(amd64, arm64, armv7)).allMatch(this::isHere);
  }

  @Test
  void platforms_that_do_not_run_here_are_copied_too() throws Exception {
    Pulled pulled = mirrored("v1", "linux/arm64");

    assertThat(pulled.manifest()).isEqualTo(arm64.digest());
    assertThat(pulled.platform()).hasToString("linux/arm64/v8");
    assertThat(isHere(amd64)).isFalse();
    Pulled run = (Pulled) site.pull(name("v1"));
    assertThat(run.manifest())
        .as("who needs the other one has it fetched")
        .isEqualTo(amd64.digest());
    assertThat(run.digest()).isEqualTo(index.digest());
  }

  @Test
  void a_platform_more_is_added_to_what_is_here() throws Exception {
    mirrored("v1", "linux/amd64");
    long sent = upstream.blobBytesSent();

    Pulled pulled = mirrored("v1", "linux/amd64", "linux/arm/v7");

    assertThat(isHere(armv7)).isTrue();
    assertThat(upstream.blobBytesSent() - sent).as("only that").isEqualTo(pulled.bytesFetched());
    assertThat(pulled.bytesFetched()).isLessThan(pulled.bytes());
  }

  @Test
  void an_index_without_any_of_the_platforms_is_refused() {
    assertThat(mirror("v1", "linux/riscv64"))
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> {
              assertThat(failed.reason()).isEqualTo(Reason.NO_PLATFORM);
              assertThat(failed.message()).contains("[linux/riscv64]", "linux/arm/v7");
            });
  }

  @Test
  void of_what_is_no_index_the_configuration_says_whether_it_is_wanted() throws Exception {
    upstream.add("team/app", "single", arm64);

    assertThat(mirrored("single", "linux/amd64", "linux/arm64").digest()).isEqualTo(arm64.digest());
    upstream.add("team/app", "other", armv7);
    assertThat(mirror("other", "linux/amd64")).isInstanceOf(Failed.class);
  }

  @Test
  void a_platform_that_cannot_be_had_leaves_the_tag_where_it_was() throws Exception {
    Digest layer = layer(armv7);
    upstream.inject(new Fault.WrongContent(layer));

    assertThat(mirror("v1", "all")).isInstanceOf(Failed.class);

    assertThat(site.catalog.current().repositories()).isEmpty();
  }

  @Test
  void signatures_of_the_index_and_of_each_copied_image_come_along() throws Exception {
    ImageSigner signer = ImageSigner.create();
    for (MadeImage subject : List.of(index, arm64, armv7)) {
      upstream.add("team/app", tagOf(subject), signer.signature("team/app", subject.digest()));
    }
    mirrored("v1", "linux/amd64", "linux/arm64");

    assertThat(tags()).contains(tagOf(index), tagOf(arm64)).doesNotContain(tagOf(armv7));
  }

  @Test
  void a_signature_that_came_later_is_copied_with_the_next_mirroring() throws Exception {
    mirrored("v1", "linux/amd64");
    long sent = upstream.blobBytesSent();
    ImageSigner signer = ImageSigner.create();
    upstream.add("team/app", tagOf(index), signer.signature("team/app", index.digest()));

    Pulled again = mirrored("v1", "linux/amd64");

    assertThat(again.bytesFetched()).isZero();
    assertThat(tags()).contains("v1", tagOf(index));
    assertThat(upstream.blobBytesSent() - sent).as("nothing but the signature").isLessThan(5000);
  }

  @Test
  void two_tags_with_one_digest_are_both_set() throws Exception {
    upstream.add("team/app", "latest", index);
    mirrored("v1");
    mirrored("latest@" + index.digest());

    assertThat(tags()).contains("v1", "latest");
  }

  @Test
  void a_cap_makes_the_bytes_take_their_time() throws Exception {
    site.mirror(name("v1"), List.of("all"), NO_CAP);
    assertThat(site.pauses).isEmpty();
    MadeImage other = image(Platform.LINUX_AMD64, 11);
    upstream.add("team/app", "v2", other);

    Pulled pulled =
        (Pulled)
            site.mirror(name("v2"), List.of(), Optional.of(new BandwidthCap("policy", 50_000)));

    Duration waited = site.pauses.stream().reduce(Duration.ZERO, Duration::plus);
    long tooFast = pulled.bytesFetched() * 1000 / 50_000;
    assertThat(waited.toMillis()).isBetween(tooFast - 10, tooFast + 1000);
  }

  @Test
  void a_download_under_a_cap_that_breaks_off_goes_on_where_it_was() throws Exception {
    MadeImage other = image(Platform.LINUX_AMD64, 12);
    upstream.add("team/app", "v2", other);
    upstream.inject(new Fault.Truncated(layer(other), 20_000, 2));

    Pulled pulled =
        (Pulled)
            site.mirror(name("v2"), List.of(), Optional.of(new BandwidthCap("policy", 50_000)));

    assertThat(pulled.bytesFetched()).as("no byte twice").isEqualTo(pulled.bytes());
  }

  private Pulled mirrored(String tag, String... platforms) throws Exception {
    PullOutcome outcome = site.mirror(name(tag), List.of(platforms), NO_CAP);
    assertThat(outcome).isInstanceOf(Pulled.class);
    return (Pulled) outcome;
  }

  private PullOutcome mirror(String tag, String... platforms) {
    try {
      return site.mirror(name(tag), List.of(platforms), NO_CAP);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private String name(String tag) {
    return upstream.host() + "/team/app:" + tag;
  }

  private String repository() {
    return MirrorName.of(Reference.parse(name("v1")));
  }

  private Digest here(String tag) {
    return site.catalog
        .current()
        .manifest(repository(), new ManifestKey.ByTag(tag))
        .orElseThrow()
        .digest();
  }

  private boolean isHere(MadeImage image) {
    return site.catalog
        .current()
        .manifest(repository(), new ManifestKey.ByDigest(image.digest()))
        .isPresent();
  }

  private byte[] store(Digest digest) throws Exception {
    return site.store.read(site.store.find(digest).orElseThrow());
  }

  private Iterable<String> tags() {
    return site.catalog.current().repository(repository()).orElseThrow().tags().keySet();
  }

  private static String tagOf(MadeImage image) {
    return "sha256-" + image.digest().hex() + ".sig";
  }

  private static Digest layer(MadeImage image) {
    return image.blobs().entrySet().stream()
        .max((a, b) -> Integer.compare(a.getValue().length, b.getValue().length))
        .orElseThrow()
        .getKey();
  }

  private static MadeImage image(Platform platform) {
    return image(platform, platform.toString().hashCode());
  }

  private static MadeImage image(Platform platform, int seed) {
    byte[] content = new byte[100_000];
    new Random(seed).nextBytes(content);
    return ImageMaker.image()
        .platform(platform)
        .layer(LayerCompression.GZIP, LayerEntry.file("content", content))
        .make();
  }
}
