package dev.waybill.image.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.CatalogJournal.Kept;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.LiveCatalog.CatalogListener;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.image.catalog.Repository;
import dev.waybill.image.catalog.ResolutionPlanner;
import dev.waybill.image.ingest.PullLimits;
import dev.waybill.image.ingest.PullOutcome;
import dev.waybill.image.ingest.PullRequest;
import dev.waybill.image.ingest.Puller;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.CutDisk.Down;
import dev.waybill.image.store.CutDisk.Loss;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.registryclient.Certificates;
import dev.waybill.registryclient.Credentials;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ends the process at every change of the disk that an ingest or a removal makes, one by one. */
class StoreCutTest {
  private static final Actor ACTOR = new Actor("user/tester");
  private static final int CHANGES_MIN = 40;

  @TempDir Path data;
  private final MadeImage image = image("one");
  private final MadeImage other = image("two");

  @ParameterizedTest
  @EnumSource(Loss.class)
  void a_push_that_ends_at_any_change_leaves_a_whole_store_and_can_be_done_again(Loss loss)
      throws Exception {
    List<String> cuts = atEveryChange(loss, this::pushTwiceAndRemove);

    assertThat(cuts)
        .hasSizeGreaterThan(CHANGES_MIN)
        .anyMatch(cut -> cut.startsWith("create a file in ingest"))
        .anyMatch(cut -> cut.startsWith("write"))
        .anyMatch(cut -> cut.startsWith("force"))
        .anyMatch(cut -> cut.startsWith("move " + image.digest().hex()))
        .anyMatch(cut -> cut.startsWith("create " + image.blobs().firstKey().hex()))
        .anyMatch(cut -> cut.startsWith("move v1"))
        .anyMatch(cut -> cut.startsWith("delete v1"));
  }

  @ParameterizedTest
  @EnumSource(Loss.class)
  void a_pull_that_ends_at_any_change_leaves_a_whole_store_and_can_be_done_again(Loss loss)
      throws Exception {
    try (LoopbackRegistry upstream = LoopbackRegistry.start()) {
      upstream.add("team/app", "v1", image);
      Reference reference = Reference.parse(upstream.host() + "/team/app:v1");

      List<String> cuts = atEveryChange(loss, site -> site.pull(reference));

      assertThat(cuts).hasSizeGreaterThan(CHANGES_MIN / 2);
    }
  }

  /** What is done with a store. */
  private interface Errand {
    void run(Site site) throws Exception;
  }

  private List<String> atEveryChange(Loss loss, Errand errand) throws Exception {
    List<String> cuts = new ArrayList<>();
    for (int cutAt = 0; ; cutAt++) {
      Path home = Files.createDirectory(data.resolve(loss + "-" + cutAt));
      CutDisk disk = new CutDisk(cutAt, loss);
      try {
        errand.run(Site.open(home, disk));
      } catch (Exception e) {
        assertThat(e).isInstanceOf(Down.class);
      }
      String cut = disk.downAt();
      requireWhole(home, cut);
      if (cut.isEmpty()) {
        return cuts;
      }
      cuts.add(cut);
      errand.run(Site.open(home, new LocalDisk()));
      requireWhole(home, "done again after " + cut);
    }
  }

  private void pushTwiceAndRemove(Site site) throws IOException {
    site.push("v1", image);
    site.push("v1", other);
    site.catalog.change(
        ACTOR, now -> CatalogDecider.removeImage(now, "team/app", new ManifestKey.ByTag("v1")));
    new Collector(site.store, site.catalog, site.leases).collect();
  }

  private static void requireWhole(Path home, String cut) throws IOException {
    DiskBlobStore store = DiskBlobStore.open(home);
    Kept kept = DiskCatalogJournal.open(home, store).load();
    assertThat(kept.faults()).as(cut).isEmpty();
    try (Stream<Path> files = Files.walk(home)) {
      assertThat(files.filter(Files::isRegularFile))
          .as("nothing temporary after " + cut)
          .noneMatch(file -> file.startsWith(home.resolve("ingest")))
          .noneMatch(file -> file.getFileName().toString().startsWith("."));
    }
    for (StoredBlob blob : store.all()) {
      assertThat(Digest.of(store.read(blob))).as(cut).isEqualTo(blob.digest());
    }
    for (Repository repository : kept.catalog().repositories().values()) {
      for (ManifestEntry entry : repository.manifests().values()) {
        for (Descriptor child : entry.children()) {
          assertThat(store.find(child.digest())).as(cut).isPresent();
          assertThat(repository.blobs()).as(cut).containsKey(child.digest());
        }
      }
    }
  }

  private static MadeImage image(String text) {
    return ImageMaker.image()
        .platform(Platform.LINUX_AMD64)
        .layer(LayerCompression.GZIP, LayerEntry.file("text", text))
        .make();
  }

  /** A store with what works on it. */
  private record Site(DiskBlobStore store, LiveCatalog catalog, Leases leases) {
    static Site open(Path home, Disk disk) throws IOException {
      DiskBlobStore store = DiskBlobStore.open(home, disk);
      DiskCatalogJournal journal = DiskCatalogJournal.open(home, store, disk);
      LiveCatalog catalog =
          LiveCatalog.open(journal, journal.load().catalog(), CatalogListener.none());
      return new Site(store, catalog, new Leases(InstantSource.system(), Duration.ofNanos(1)));
    }

    void push(String tag, MadeImage image) throws IOException {
      for (var blob : image.blobs().entrySet()) {
        try (BlobWriter writer = store.prepare()) {
          int half = blob.getValue().length / 2;
          writer.write(ByteBuffer.wrap(blob.getValue(), 0, half));
          writer.write(ByteBuffer.wrap(blob.getValue(), half, blob.getValue().length - half));
          writer.commit(blob.getKey());
        }
        catalog.change(
            ACTOR,
            now -> CatalogDecider.linkBlob(now, "team/app", blob.getKey(), blob.getValue().length));
      }
      byte[] content = image.documents().getFirst().content();
      store.store(content);
      ManifestEntry entry =
          ManifestEntry.of(ImageDocuments.read(content, null, ImageLimits.DEFAULT), content);
      ManifestKey key = new ManifestKey.ByTag(tag);
      catalog.change(ACTOR, now -> CatalogDecider.putManifest(now, "team/app", key, entry));
    }

    void pull(Reference reference) throws Exception {
      try (Puller puller =
          new Puller(
              store,
              catalog,
              leases,
              new ResolutionPlanner(_ -> false),
              Credentials.none(),
              PullLimits.DEFAULT,
              Thread::sleep,
              InstantSource.system(),
              Certificates.ofSystem())) {
        PullOutcome outcome =
            puller.pull(
                new PullRequest(reference, PullPolicy.MISSING, Platform.LINUX_AMD64, ACTOR));
        assertThat(outcome).isInstanceOf(PullOutcome.Pulled.class);
      }
    }
  }
}
