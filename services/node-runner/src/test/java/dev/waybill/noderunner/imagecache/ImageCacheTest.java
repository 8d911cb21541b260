package dev.waybill.noderunner.imagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.graph.GraphDrivers;
import dev.waybill.noderunner.imagecache.CacheOutcome.Cached;
import dev.waybill.noderunner.imagecache.CacheOutcome.Failed;
import dev.waybill.noderunner.imagecache.CacheOutcome.Reason;
import dev.waybill.noderunner.layer.LayerUnpacker;
import dev.waybill.noderunner.layer.UnpackLimits;
import dev.waybill.noderunner.snapshot.ContainerSnapshots;
import dev.waybill.noderunner.snapshot.LayerStore;
import dev.waybill.noderunner.snapshot.SnapshotId;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
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

class ImageCacheTest {
  private static final CacheLimits LIMITS =
      new CacheLimits(ImageLimits.DEFAULT, 3, 3, Duration.ofSeconds(5), Duration.ofMillis(300));

  @TempDir Path data;
  private final LoopbackRegistry registry = LoopbackRegistry.start();
  private final HttpImageSource source =
      new HttpImageSource(registry.uri(), "admin", "secret", LIMITS);
  private final MadeImage image = sample("top");
  private LayerStore layers;
  private ImageCache cache;

  @BeforeEach
  void start() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root to unpack layers");
    registry.inject(new Fault.BasicRequired("admin", "secret"));
    registry.add("team/app", "v1", image);
    open();
  }

  private void open() throws IOException {
    layers = LayerStore.open(data);
    cache =
        ImageCache.open(
            data, source, source, layers, new LayerUnpacker(UnpackLimits.DEFAULT), LIMITS);
  }

  @AfterEach
  void stop() throws IOException {
    source.close();
    registry.close();
    if (layers != null) {
      try (Stream<Path> left = Files.list(data.resolve("tmp"))) {
        assertThat(left).as("nothing half-made stays").isEmpty();
      }
    }
  }

  @Test
  void an_image_is_fetched_and_unpacked() throws Exception {
    CachedImage cached = cached(cache.ensure("team/app", image.digest()));

    assertThat(cached.config().diffIds()).isEqualTo(image.diffIds());
    List<Path> lower = layers.lowerDirectories(image.diffIds());
    assertThat(lower.getFirst().resolve("text")).hasContent("top");
    assertThat(lower.getLast().resolve("large")).hasSize(300_000);
  }

  @Test
  void an_image_that_is_named_by_sha512_is_held_against_that() throws Exception {
    MadeImage named = image.bySha512();
    registry.add("team/app", "512", named);

    cached(cache.ensure("team/app", named.digest()));
    open();

    cached(cache.ensure("team/app", named.digest()));
    assertThat(cache.all()).containsOnlyKeys(named.digest());
  }

  @Test
  void an_image_that_is_here_needs_no_registry_even_after_a_restart() throws Exception {
    cache.ensure("team/app", image.digest());
    open();
    int requests = registry.requests().size();

    cached(cache.ensure("team/app", image.digest()));

    assertThat(registry.requests()).hasSize(requests);
    assertThat(cache.all()).containsOnlyKeys(image.digest());
  }

  @Test
  void images_share_their_layers() throws Exception {
    MadeImage other = sample("other");
    registry.add("team/app", "v2", other);
    cache.ensure("team/app", image.digest());
    cached(cache.ensure("team/app", other.digest()));

    assertThat(layers.all()).hasSize(3);
    assertThat(registry.requestsWith("blobs/" + large())).isEqualTo(1);
  }

  @Test
  void requests_for_one_image_at_the_same_time_share_the_work() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<CacheOutcome> one = () -> cache.ensure("team/app", image.digest());
      for (Future<CacheOutcome> each : threads.invokeAll(List.of(one, one, one, one))) {
        cached(each.get());
      }
    }
    assertThat(registry.requestsWith("blobs/" + large())).isEqualTo(1);
  }

  @Test
  void a_layer_with_a_wrong_digest_is_refused() throws Exception {
    registry.inject(new Fault.WrongContent(large()));

    assertFailed(Reason.DIGEST_MISMATCH, image, "arrived as");
    assertThat(layers.has(image.diffIds().getFirst())).isFalse();
    assertThat(cache.all()).isEmpty();
  }

  @Test
  void a_manifest_with_a_wrong_digest_is_refused() throws Exception {
    registry.inject(new Fault.WrongContent(image.digest()));

    assertFailed(Reason.DIGEST_MISMATCH, image, "manifest");
  }

  @Test
  void a_layer_that_unpacks_as_another_is_refused() throws Exception {
    MadeImage lying =
        ImageMaker.image()
            .rawLayer(LayerCompression.NONE, new byte[1024])
            .layer(LayerCompression.NONE, LayerEntry.file("a", "b"))
            .make();
    MadeImage swapped = LyingImage.withSwappedDiffIds(lying);
    registry.add("team/app", "lie", swapped);

    assertFailed(Reason.DIGEST_MISMATCH, swapped, "unpacks as");
  }

  @Test
  void a_download_that_breaks_off_goes_on_while_it_is_unpacked() throws Exception {
    registry.inject(new Fault.Truncated(large(), 100_000, 2));

    cached(cache.ensure("team/app", image.digest()));

    assertThat(registry.requestsWith("blobs/" + large() + " bytes=100000-")).isEqualTo(1);
  }

  @Test
  void a_download_that_stalls_goes_on() throws Exception {
    registry.inject(new Fault.Stalled(large(), 50_000, 1));

    cached(cache.ensure("team/app", image.digest()));
  }

  @Test
  void a_layer_that_is_always_cut_off_is_given_up() throws Exception {
    registry.inject(new Fault.Truncated(large(), 1, 1000));

    assertFailed(Reason.UNREACHABLE, image, "broke off 4 times");
  }

  @Test
  void a_layer_that_wants_to_leave_its_place_is_refused() throws Exception {
    MadeImage evil =
        ImageMaker.image().layer(LayerCompression.GZIP, LayerEntry.file("../evil", "x")).make();
    registry.add("team/app", "evil", evil);

    assertFailed(Reason.REFUSED, evil, "has '..' in its path");
  }

  @Test
  void an_unknown_image_and_a_registry_that_is_away_are_told_apart() throws Exception {
    assertFailed(Reason.NOT_FOUND, sample("unknown"), "no image team/app@sha256:");
    registry.close();
    assertFailed(Reason.UNREACHABLE, image, "the registry fails");
  }

  @Test
  void an_index_is_not_an_image() throws Exception {
    MadeImage index = ImageMaker.index(image);
    registry.add("team/app", "multi", index);

    assertFailed(Reason.REFUSED, index, "is an index");
  }

  @Test
  void removing_an_image_keeps_what_others_need() throws Exception {
    MadeImage other = sample("other");
    registry.add("team/app", "v2", other);
    cache.ensure("team/app", image.digest());
    cache.ensure("team/app", other.digest());
    ContainerSnapshots containers = ContainerSnapshots.open(data, layers, GraphDrivers.usual());
    containers.prepare(new SnapshotId("c"), other.diffIds());

    cache.remove(image.digest(), containers);
    assertThat(layers.all()).containsExactlyInAnyOrderElementsOf(other.diffIds());
    cache.remove(other.digest(), containers);
    assertThat(layers.all()).as("a container stands on them").hasSize(2);
    containers.remove(new SnapshotId("c"));
    cache.remove(other.digest(), containers);
    assertThat(layers.all()).isEmpty();
  }

  private Digest large() {
    return image.blobs().entrySet().stream()
        .max((a, b) -> Integer.compare(a.getValue().length, b.getValue().length))
        .orElseThrow()
        .getKey();
  }

  private static MadeImage sample(String text) {
    byte[] large = new byte[300_000];
    new Random(1).nextBytes(large);
    return ImageMaker.image()
        .platform(Platform.LINUX_AMD64)
        .layer(LayerCompression.GZIP, LayerEntry.file("large", large))
        .layer(LayerCompression.ZSTD, LayerEntry.file("text", text))
        .make();
  }

  private static CachedImage cached(CacheOutcome outcome) {
    assertThat(outcome).isInstanceOf(Cached.class);
    return ((Cached) outcome).image();
  }

  private void assertFailed(Reason reason, MadeImage wanted, String why) throws Exception {
    CacheOutcome outcome = cache.ensure("team/app", wanted.digest());
    assertThat(outcome).isInstanceOf(Failed.class);
    assertThat(((Failed) outcome).message()).contains(why);
    assertThat(((Failed) outcome).reason()).isEqualTo(reason);
  }
}
