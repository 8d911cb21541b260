package dev.waybill.image.store;

import static dev.waybill.testkit.seed.Seeds.forEachSeed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.CatalogDecision;
import dev.waybill.image.catalog.CatalogJournal.Kept;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.LiveCatalog.CatalogListener;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.reachability.Leases;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskCatalogJournalTest {
  private static final Actor ADMIN = new Actor("admin");
  private static final List<String> REPOSITORIES = List.of("app", "team/app", "team/app/sub");

  @TempDir Path data;

  @Test
  void after_any_changes_a_restart_finds_the_same_catalog() {
    forEachSeed(
        20,
        seed -> {
          try {
            Path home = Files.createDirectories(data.resolve("s" + seed));
            DiskBlobStore store = DiskBlobStore.open(home);
            LiveCatalog live = open(home, store);
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < 30; i++) {
              step(random, store, live);
            }
            assertThat(load(home, DiskBlobStore.open(home)))
                .isEqualTo(new Kept(live.current(), List.of()));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  private static void step(SplittableRandom random, DiskBlobStore store, LiveCatalog live)
      throws IOException {
    String repository = REPOSITORIES.get(random.nextInt(REPOSITORIES.size()));
    ManifestKey key = new ManifestKey.ByTag("v" + random.nextInt(3));
    switch (random.nextInt(4)) {
      case 0, 1 -> push(store, live, repository, key, random.nextInt(5));
      case 2 -> live.change(ADMIN, now -> CatalogDecider.removeImage(now, repository, key));
      default -> {
        Leases none = new Leases(InstantSource.system(), Duration.ZERO);
        new Collector(store, live, none).collect();
      }
    }
  }

  @Test
  void a_tag_that_was_being_written_when_the_process_ended_is_dropped() throws IOException {
    DiskBlobStore store = DiskBlobStore.open(data);
    LiveCatalog live = open(data, store);
    push(store, live, "app", new ManifestKey.ByTag("v1"), 1);
    Path half = data.resolve("repositories/app/_tags/.v2");
    Files.writeString(half, "sha2");

    assertThat(load(data, store).catalog()).isEqualTo(live.current());
    assertThat(half).doesNotExist();
  }

  @Test
  void an_entry_whose_bytes_are_gone_is_left_out_and_reported() throws IOException {
    DiskBlobStore store = DiskBlobStore.open(data);
    LiveCatalog live = open(data, store);
    ManifestEntry entry = push(store, live, "app", new ManifestKey.ByTag("v1"), 1);
    store.delete(entry.digest());

    Kept kept = load(data, store);

    assertThat(kept.catalog().repository("app").orElseThrow().manifests()).isEmpty();
    assertThat(kept.faults()).hasSize(2).first().asString().contains("is not stored");
  }

  @Test
  void removing_an_image_deletes_what_only_it_needed() throws IOException {
    DiskBlobStore store = DiskBlobStore.open(data);
    LiveCatalog live = open(data, store);
    ManifestEntry one = push(store, live, "app", new ManifestKey.ByTag("one"), 1);
    ManifestEntry two = push(store, live, "app", new ManifestKey.ByTag("two"), 2);

    live.change(ADMIN, now -> CatalogDecider.removeImage(now, "app", new ManifestKey.ByTag("one")));
    new Collector(store, live, new Leases(InstantSource.system(), Duration.ofHours(1))).collect();

    assertThat(store.find(one.digest())).isEmpty();
    assertThat(store.find(one.children().getLast().digest())).isEmpty();
    assertThat(store.find(two.digest())).isPresent();
    assertThat(store.find(two.children().getLast().digest())).isPresent();
    assertThat(load(data, store)).isEqualTo(new Kept(live.current(), List.of()));
  }

  private static ManifestEntry push(
      DiskBlobStore store, LiveCatalog live, String repository, ManifestKey key, int number)
      throws IOException {
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    byte[] layer = ("layer " + number).getBytes(StandardCharsets.UTF_8);
    for (byte[] blob : List.of(config, layer)) {
      Digest digest = store.store(blob).digest();
      live.change(ADMIN, now -> CatalogDecider.linkBlob(now, repository, digest, blob.length));
    }
    Manifest manifest =
        Manifest.oci(
            Descriptor.of(MediaTypes.OCI_CONFIG, config),
            List.of(Descriptor.of(MediaTypes.OCI_LAYER_TAR, layer)));
    byte[] content = ImageWriter.write(manifest);
    store.store(content);
    ManifestEntry entry = ManifestEntry.of(manifest, content);
    assertThat(live.change(ADMIN, now -> CatalogDecider.putManifest(now, repository, key, entry)))
        .isInstanceOf(CatalogDecision.Accepted.class);
    return entry;
  }

  private static LiveCatalog open(Path home, DiskBlobStore store) throws IOException {
    return LiveCatalog.open(
        DiskCatalogJournal.open(home, store), Catalog.EMPTY, CatalogListener.none());
  }

  private static Kept load(Path home, DiskBlobStore store) throws IOException {
    return DiskCatalogJournal.open(home, store).load();
  }
}
