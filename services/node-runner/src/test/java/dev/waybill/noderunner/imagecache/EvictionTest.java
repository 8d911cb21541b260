package dev.waybill.noderunner.imagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.graph.GraphDrivers;
import dev.waybill.noderunner.imagecache.Eviction.Evicted;
import dev.waybill.noderunner.layer.LayerUnpacker;
import dev.waybill.noderunner.layer.UnpackLimits;
import dev.waybill.noderunner.snapshot.ContainerSnapshots;
import dev.waybill.noderunner.snapshot.LayerStore;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvictionTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final long IMAGE_BYTES = 10;

  @TempDir Path data;
  private final Map<Digest, byte[]> blobs = new HashMap<>();
  private LayerStore layers;
  private ImageCache cache;
  private ContainerSnapshots snapshots;

  @BeforeEach
  void open() throws IOException {
    layers = LayerStore.open(data);
    snapshots = ContainerSnapshots.open(data, layers, GraphDrivers.usual());
    var source =
        new ImageSource() {
          @Override
          public byte[] manifest(String repository, Digest digest, int bytesMax) {
            return Objects.requireNonNull(blobs.get(digest));
          }

          @Override
          public InputStream blob(String repository, Digest digest, long offset) {
            return new ByteArrayInputStream(Objects.requireNonNull(blobs.get(digest)));
          }
        };
    cache =
        ImageCache.open(
            data,
            source,
            source,
            layers,
            new LayerUnpacker(UnpackLimits.DEFAULT),
            CacheLimits.DEFAULT);
  }

  /** An image that was used so many minutes ago. */
  private Digest image(String content, int minutesAgo) throws Exception {
    MadeImage image =
        ImageMaker.image().layer(LayerCompression.GZIP, LayerEntry.file("f", content)).make();
    blobs.putAll(image.blobs());
    image.documents().forEach(d -> blobs.put(d.descriptor().digest(), d.content()));
    cache.ensure("team/app", image.digest());
    Files.setLastModifiedTime(
        data.resolve("images").resolve(image.digest().hex()),
        FileTime.from(NOW.minus(Duration.ofMinutes(minutesAgo))));
    return image.digest();
  }

  /** On a disk of 100 bytes of which each image takes ten, and something else the rest. */
  private Eviction eviction(long others) {
    var disk =
        new Eviction.Disk() {
          @Override
          public long totalBytes() {
            return 100;
          }

          @Override
          public long freeBytes() throws IOException {
            return 100 - others - cache.all().size() * IMAGE_BYTES;
          }
        };
    return new Eviction(
        cache, snapshots, disk, new EvictionLimits(85, 75, Duration.ofMinutes(5)), () -> NOW);
  }

  @Test
  void the_least_recently_used_go_until_there_is_room() throws Exception {
    Digest middle = image("middle", 20);
    Digest oldest = image("oldest", 30);
    Digest newest = image("newest", 10);

    List<Evicted> evicted = eviction(60).ifFull(Set.of());

    assertThat(evicted)
        .extracting(Evicted::digest, Evicted::freedBytes)
        .containsExactly(tuple(oldest, IMAGE_BYTES), tuple(middle, IMAGE_BYTES));
    assertThat(cache.all()).containsOnlyKeys(newest);
    assertThat(layers.all()).hasSize(1);
  }

  @Test
  void nothing_goes_from_a_disk_with_room() throws Exception {
    image("a", 20);

    assertThat(eviction(75).ifFull(Set.of())).isEmpty();
    assertThat(cache.all()).hasSize(1);
  }

  @Test
  void what_a_container_uses_and_what_was_just_used_stays() throws Exception {
    Digest used = image("used", 30);
    Digest justUsed = image("just used", 4);

    assertThat(eviction(79).ifFull(Set.of(used))).isEmpty();
    assertThat(cache.all()).containsOnlyKeys(used, justUsed);
  }

  @Test
  void at_least_one_goes_when_room_is_asked_for() throws Exception {
    Digest older = image("older", 30);
    Digest newer = image("newer", 20);

    assertThat(eviction(0).makeRoom(Set.of())).extracting(Evicted::digest).containsExactly(older);
    assertThat(cache.all()).containsOnlyKeys(newer);
  }

  @Test
  void a_use_counts_from_the_last_time_it_was_asked_for() throws Exception {
    Digest image = image("a", 30);
    cache.ensure("team/app", image);

    assertThat(cache.all().get(image)).isAfter(NOW);
  }

  @Test
  void limits_that_make_no_sense_are_refused() {
    assertThatThrownBy(() -> new EvictionLimits(80, 85, Duration.ZERO))
        .hasMessageContaining("the lower one second");
  }
}
