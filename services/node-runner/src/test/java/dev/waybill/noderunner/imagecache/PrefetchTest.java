package dev.waybill.noderunner.imagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.graph.GraphDrivers;
import dev.waybill.noderunner.imagecache.CacheOutcome.Cached;
import dev.waybill.noderunner.imagecache.CacheOutcome.Failed;
import dev.waybill.noderunner.layer.LayerUnpacker;
import dev.waybill.noderunner.layer.UnpackLimits;
import dev.waybill.noderunner.snapshot.ContainerSnapshots;
import dev.waybill.noderunner.snapshot.LayerStore;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images that are fetched while they arrive at the registry. */
@Timeout(60)
class PrefetchTest {
  @TempDir Path data;
  private final LoopbackRegistry registry = LoopbackRegistry.start();
  private final HttpImageSource source =
      new HttpImageSource(registry.uri(), "admin", "secret", CacheLimits.DEFAULT);
  private final Arriving arriving = new Arriving();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final MadeImage image = sample("arrives");
  private LayerStore layers;
  private ImageCache cache;

  /** Gives blobs of the registry once they are let go; tells which were asked for. */
  private final class Arriving implements ImageSource {
    final BlockingQueue<Digest> asked = new LinkedBlockingQueue<>();
    final CountDownLatch arrived = new CountDownLatch(1);
    volatile boolean failed;

    @Override
    public byte[] manifest(String repository, Digest digest, int bytesMax) throws IOException {
      return source.manifest(repository, digest, bytesMax);
    }

    @Override
    public InputStream blob(String repository, Digest digest, long offset) throws IOException {
      if (digest.equals(config(image))) {
        return source.blob(repository, digest, offset);
      }
      asked.add(digest);
      try {
        arrived.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      if (failed) {
        throw new UnknownBlobException("the pull failed");
      }
      return source.blob(repository, digest, offset);
    }
  }

  @BeforeEach
  void start() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root to unpack layers");
    registry.add("team/app", "v1", image);
    layers = LayerStore.open(data);
    cache =
        ImageCache.open(
            data,
            source,
            arriving,
            layers,
            new LayerUnpacker(UnpackLimits.DEFAULT),
            CacheLimits.DEFAULT);
  }

  @AfterEach
  void stop() throws IOException {
    arriving.arrived.countDown();
    threads.close();
    source.close();
    registry.close();
    assertThat(Files.list(data.resolve("tmp"))).as("nothing half-made stays").isEmpty();
  }

  @Test
  void whoever_needs_an_image_shares_the_work_of_its_prefetch() throws Exception {
    Future<Optional<CacheOutcome>> ahead = prefetch();
    arriving.asked.take();
    Future<CacheOutcome> needed = threads.submit(() -> cache.ensure("team/app", image.digest()));
    arriving.arrived.countDown();

    assertThat(ahead.get()).get().isInstanceOf(Cached.class);
    assertThat(((Cached) ahead.get().orElseThrow()).fetched()).isPresent();
    assertThat(needed.get()).isInstanceOf(Cached.class);
    assertThat(((Cached) needed.get()).fetched()).as("told once").isEmpty();
    image.blobs().keySet().forEach(b -> assertThat(registry.requestsWith("blobs/" + b)).isOne());
  }

  @Test
  void a_prefetch_that_fails_leaves_the_work_to_whoever_needs_the_image() throws Exception {
    arriving.failed = true;
    Future<Optional<CacheOutcome>> ahead = prefetch();
    arriving.asked.take();
    Future<CacheOutcome> needed = threads.submit(() -> cache.ensure("team/app", image.digest()));
    arriving.arrived.countDown();

    assertThat(ahead.get()).get().isInstanceOf(Failed.class);
    assertThat(needed.get()).isInstanceOf(Cached.class);
    assertThat(cache.find(image.digest())).isPresent();
  }

  @Test
  void an_image_that_arrives_slowly_keeps_no_other_from_being_fetched() throws Exception {
    Future<Optional<CacheOutcome>> ahead = prefetch();
    for (int i = 0; i < CacheLimits.DEFAULT.layersAtOnceMax(); i++) {
      assertThat(arriving.asked.poll(20, TimeUnit.SECONDS)).as("a layer under way").isNotNull();
    }
    MadeImage other = sample("is here");
    registry.add("team/app", "v2", other);

    assertThat(cache.ensure("team/app", other.digest())).isInstanceOf(Cached.class);
    cache.remove(other.digest(), ContainerSnapshots.open(data, layers, GraphDrivers.usual()));
    assertThat(layers.all()).isEmpty();
    assertThat(ahead.isDone()).isFalse();

    arriving.arrived.countDown();
    assertThat(ahead.get()).get().isInstanceOf(Cached.class);
  }

  @Test
  void a_removal_leaves_the_layers_of_what_arrives() throws Exception {
    MadeImage other = sharing();
    registry.add("team/app", "v2", other);
    cache.ensure("team/app", other.digest());
    Future<Optional<CacheOutcome>> ahead = prefetch();
    arriving.asked.take();

    cache.remove(other.digest(), ContainerSnapshots.open(data, layers, GraphDrivers.usual()));

    assertThat(layers.all()).containsExactly(image.diffIds().getFirst());
    arriving.arrived.countDown();
    assertThat(ahead.get()).get().isInstanceOf(Cached.class);
    assertThat(cache.find(image.digest())).isPresent();
  }

  @Test
  void an_interrupted_prefetch_leaves_nothing_half_made() throws Exception {
    Future<Optional<CacheOutcome>> ahead = prefetch();
    arriving.asked.take();

    ahead.cancel(true);
    threads.close();

    assertThat(layers.all()).isEmpty();
    assertThat(cache.find(image.digest())).isEmpty();
  }

  private Future<Optional<CacheOutcome>> prefetch() {
    return threads.submit(() -> cache.prefetch("team/app", image.digest()));
  }

  private static Digest config(MadeImage of) {
    return Digest.of(
        of.blobs().values().stream()
            .filter(content -> content[0] == '{')
            .findFirst()
            .orElseThrow());
  }

  private static MadeImage sample(String text) {
    ImageMaker maker = ImageMaker.image().platform(Platform.LINUX_AMD64);
    for (int layer = 0; layer < 5; layer++) {
      maker.layer(LayerCompression.GZIP, LayerEntry.file("f" + layer, text + layer));
    }
    return maker.make();
  }

  /** An image of the first layer of the one that arrives. */
  private static MadeImage sharing() {
    return ImageMaker.image()
        .platform(Platform.LINUX_AMD64)
        .layer(LayerCompression.GZIP, LayerEntry.file("f0", "arrives0"))
        .make();
  }
}
