package dev.waybill.image.store;

import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.CatalogDecider;
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
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A process that pushes and removes images until it is killed. */
final class CrashingWriter {
  private static final Actor ACTOR = new Actor("user/tester");

  private CrashingWriter() {}

  /** Arguments: data directory, seed. Prints a line once it has begun. */
  public static void main(String[] arguments) throws IOException {
    Path data = Path.of(arguments[0]);
    SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[1]));
    DiskBlobStore store = DiskBlobStore.open(data);
    DiskCatalogJournal journal = DiskCatalogJournal.open(data, store);
    LiveCatalog catalog =
        LiveCatalog.open(journal, journal.load().catalog(), CatalogListener.none());
    Leases leases = new Leases(InstantSource.system(), Duration.ofMinutes(1));
    Collector collector = new Collector(store, catalog, leases);
    System.out.println("begun");
    while (true) {
      ManifestKey key = new ManifestKey.ByTag("v" + random.nextInt(4));
      if (random.nextInt(4) > 0) {
        push(random, store, catalog, key);
      } else {
        catalog.change(ACTOR, now -> CatalogDecider.removeImage(now, "app", key));
        collector.collect();
      }
    }
  }

  private static void push(
      SplittableRandom random, DiskBlobStore store, LiveCatalog catalog, ManifestKey key)
      throws IOException {
    List<Descriptor> layers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      byte[] layer = new byte[1 + random.nextInt(50_000)];
      random.nextBytes(layer);
      layers.add(Descriptor.of(MediaTypes.OCI_LAYER_TAR, layer));
      Digest digest = store.store(layer).digest();
      catalog.change(ACTOR, now -> CatalogDecider.linkBlob(now, "app", digest, layer.length));
    }
    Manifest manifest = Manifest.oci(layers.getFirst(), layers);
    byte[] content = ImageWriter.write(manifest);
    store.store(content);
    ManifestEntry entry = ManifestEntry.of(manifest, content);
    catalog.change(ACTOR, now -> CatalogDecider.putManifest(now, "app", key, entry));
  }
}
