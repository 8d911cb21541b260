package dev.waybill.image.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.image.ingest.PullOutcome.Failed;
import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are read while they arrive. */
class ArrivingImageTest {
  private static final int CONTENT_BYTES = 3 << 20;
  private static final int EARLY_BYTES = 1 << 20;

  @TempDir Path data;
  private final LoopbackRegistry upstream = LoopbackRegistry.start();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final MadeImage image = large();
  private final Descriptor layer = manifest().layers().getFirst();
  private final BlockingQueue<Announcement> announced = new LinkedBlockingQueue<>();
  private PullSite site;
  private ArrivingSite served;
  private String repository;

  @BeforeEach
  void start() throws Exception {
    site = PullSite.open(data);
    served = new ArrivingSite(site);
    upstream.add("team/app", "v1", image);
    repository = "mirror/" + upstream.host().replace(':', '_') + "/team/app";
  }

  @AfterEach
  void stop() throws Exception {
    served.close();
    site.close();
    upstream.close();
    threads.close();
  }

  @Test
  void a_reader_has_the_first_bytes_before_the_download_ends_and_in_the_end_all() throws Exception {
    upstream.inject(new Fault.Stalled(layer.digest(), EARLY_BYTES, 1));
    Future<PullOutcome> pull = pull();
    Announcement arriving = announcement();
    assertThat(arriving.manifest()).isEqualTo(image.digest());
    assertThat(arriving.repository()).isEqualTo(repository);

    HttpResponse<InputStream> reading = get("/arriving" + blob(layer.digest()), 0);
    try (InputStream body = reading.body()) {
      byte[] early = body.readNBytes(EARLY_BYTES);
      assertThat(pull.isDone()).as("the download is under way").isFalse();
      assertThat(site.store.find(layer.digest())).isEmpty();
      assertThat(reading.headers().firstValueAsLong("Content-Length")).hasValue(layer.size());
      byte[] rest = body.readAllBytes();

      byte[] whole = Arrays.copyOf(early, early.length + rest.length);
      System.arraycopy(rest, 0, whole, early.length, rest.length);
      assertThat(Digest.of(whole)).isEqualTo(layer.digest());
    }
    assertThat(pull.get()).isInstanceOf(Pulled.class);
  }

  @Test
  void who_was_broken_off_goes_on_from_where_they_were() throws Exception {
    upstream.inject(new Fault.Stalled(layer.digest(), EARLY_BYTES, 1));
    Future<PullOutcome> pull = pull();
    announcement();

    HttpResponse<InputStream> rest = get("/arriving" + blob(layer.digest()), EARLY_BYTES + 7);

    assertThat(rest.statusCode()).isEqualTo(206);
    assertThat(rest.headers().firstValue("Content-Range"))
        .hasValue("bytes %d-%d/%d".formatted(EARLY_BYTES + 7, layer.size() - 1, layer.size()));
    byte[] packed = image.blobs().get(layer.digest());
    assertThat(rest.body().readAllBytes())
        .isEqualTo(Arrays.copyOfRange(packed, EARLY_BYTES + 7, packed.length));
    assertThat(pull.get()).isInstanceOf(Pulled.class);
  }

  @Test
  void a_download_that_fails_breaks_its_readers_off_and_nothing_of_it_stays() throws Exception {
    upstream.inject(new Fault.Truncated(layer.digest(), EARLY_BYTES, 1000));
    upstream.inject(new Fault.WithoutRanges());
    upstream.inject(new Fault.Stalled(layer.digest(), EARLY_BYTES, 1));
    Future<PullOutcome> pull = pull();
    announcement();

    try (InputStream body = get("/arriving" + blob(layer.digest()), 0).body()) {
      assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
    }
    assertThat(pull.get()).isInstanceOf(Failed.class);
    assertThat(get("/arriving" + blob(layer.digest()), 0).statusCode()).isEqualTo(404);
    assertThat(get("/arriving" + document(), 0).statusCode()).isEqualTo(404);
  }

  @Test
  void the_registry_itself_shows_nothing_before_it_has_everything() throws Exception {
    upstream.inject(new Fault.Stalled(layer.digest(), EARLY_BYTES, 1));
    Future<PullOutcome> pull = pull();
    announcement();

    assertThat(get(blob(layer.digest()), 0).statusCode()).isEqualTo(404);
    assertThat(get(document(), 0).statusCode()).isEqualTo(404);
    HttpResponse<InputStream> early = get("/arriving" + document(), 0);
    assertThat(Digest.of(early.body().readAllBytes())).isEqualTo(image.digest());
    assertThat(pull.isDone()).isFalse();

    assertThat(pull.get()).isInstanceOf(Pulled.class);
    assertThat(get(document(), 0).statusCode()).isEqualTo(200);
    assertThat(get("/arriving" + document(), 0).statusCode()).isEqualTo(200);
    assertThat(get("/arriving" + blob(layer.digest()), 0).statusCode()).isEqualTo(200);
  }

  @Test
  void only_the_platform_s_password_opens_what_arrives() throws Exception {
    upstream.inject(new Fault.Stalled(layer.digest(), EARLY_BYTES, 1));
    Future<PullOutcome> pull = pull();
    announcement();

    HttpResponse<InputStream> refused =
        served.get("/arriving" + blob(layer.digest()), "admin:guess", 0);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Basic");
    pull.get();
  }

  @Test
  void a_small_image_and_one_that_is_here_are_not_announced() throws Exception {
    upstream.add("team/app", "small", ImageMaker.image().platform(Platform.LINUX_AMD64).make());
    site.pull(upstream.host() + "/team/app:small", announced::add);
    site.pull(upstream.host() + "/team/app:v1", announced::add);
    announced.remove();
    site.pull(upstream.host() + "/team/app:v1", announced::add);

    assertThat(announced).isEmpty();
  }

  private Future<PullOutcome> pull() {
    return threads.submit(() -> site.pull(upstream.host() + "/team/app:v1", announced::add));
  }

  private Announcement announcement() throws InterruptedException {
    Announcement said = announced.poll(20, TimeUnit.SECONDS);
    assertThat(said).as("an announcement in time").isNotNull();
    return said;
  }

  private HttpResponse<InputStream> get(String path, long offset) throws Exception {
    return served.get(path, ArrivingSite.OWNER, offset);
  }

  private String blob(Digest digest) {
    return "/v2/" + repository + "/blobs/" + digest;
  }

  private String document() {
    return "/v2/" + repository + "/manifests/" + image.digest();
  }

  private Manifest manifest() {
    try {
      return (Manifest)
          ImageDocuments.read(image.documents().getFirst().content(), null, ImageLimits.DEFAULT);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** One layer that doesn't pack. */
  private static MadeImage large() {
    byte[] noise = new byte[CONTENT_BYTES];
    new Random(5).nextBytes(noise);
    return ImageMaker.image()
        .platform(Platform.LINUX_AMD64)
        .layer(
            LayerCompression.GZIP,
            new LayerEntry.RegularFile("noise", FileAttributes.ofMode(0644), FileContent.of(noise)))
        .make();
  }
}
