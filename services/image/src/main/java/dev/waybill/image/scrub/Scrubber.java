package dev.waybill.image.scrub;

import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.scrub.Damage.Source;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.StoreFailedException;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.kernel.Digest;
import dev.waybill.registryclient.Pause;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** Reads the store for damage, and mends what can be mended. For one thread; suspects for any. */
public final class Scrubber {
  private static final int CHUNK_BYTES = 256 * 1024;

  private final BlobStore store;
  private final LiveCatalog catalog;
  private final Refetch refetch;
  private final ScrubReport report;
  private final ScrubLimits limits;
  private final Pause pause;
  private final ConcurrentLinkedQueue<Digest> suspects = new ConcurrentLinkedQueue<>();

  public Scrubber(
      BlobStore store,
      LiveCatalog catalog,
      Refetch refetch,
      ScrubReport report,
      ScrubLimits limits,
      Pause pause) {
    this.store = store;
    this.catalog = catalog;
    this.refetch = refetch;
    this.report = report;
    this.limits = limits;
    this.pause = pause;
  }

  /** Somebody met this content in a state that it shouldn't be in: it is next. */
  public void suspect(Digest digest) {
    if (!suspects.contains(digest)) {
      suspects.add(digest);
    }
  }

  /** Remembers how far a pass is. */
  public interface Progress {
    /** All up to this digest was read. */
    void reached(Digest digest) throws IOException;
  }

  /** Reads all that is stored after a digest, in their order. */
  public void pass(Optional<Digest> after, Progress progress)
      throws IOException, InterruptedException {
    Stream<Digest> rest =
        store.all().stream()
            .map(StoredBlob::digest)
            .filter(each -> after.filter(at -> each.compareTo(at) <= 0).isEmpty())
            .sorted();
    for (Digest digest : rest.toList()) {
      checkSuspects();
      check(digest);
      progress.reached(digest);
    }
  }

  /** Reads what was suspected meanwhile. */
  public void checkSuspects() throws IOException, InterruptedException {
    for (Digest digest = suspects.poll(); digest != null; digest = suspects.poll()) {
      check(digest);
    }
  }

  private void check(Digest digest) throws IOException, InterruptedException {
    Optional<StoredBlob> blob = store.find(digest);
    if (blob.isEmpty()) {
      return; // Collected meanwhile.
    }
    Optional<Digest> actual;
    try {
      actual = Optional.of(hash(blob.get()));
    } catch (NoSuchFileException collected) {
      return;
    } catch (StoreFailedException e) {
      throw e; // It says nothing about this content.
    } catch (IOException unreadable) {
      actual = Optional.empty();
    }
    if (actual.filter(digest::equals).isEmpty()) {
      mend(setAside(blob.get(), actual));
    }
  }

  private Digest hash(StoredBlob blob) throws IOException, InterruptedException {
    MessageDigest hash = blob.digest().hash();
    byte[] chunk = new byte[CHUNK_BYTES];
    try (InputStream content = store.open(blob)) {
      for (int count = content.read(chunk); count > 0; count = content.read(chunk)) {
        hash.update(chunk, 0, count);
        pause.forAbout(limits.pace(count));
      }
    }
    return Digest.finish(hash);
  }

  private Damage setAside(StoredBlob blob, Optional<Digest> actual) throws IOException {
    return catalog.holding(
        now -> {
          Damage damage = Damage.of(now, blob.digest());
          report.corrupted(
              damage,
              actual,
              blob.size(),
              () -> {
                store.setAside(blob.digest());
                // No manifest can be put on it, and no mount given, until it is here again.
                catalog.change(
                    Actor.SELF, held -> CatalogDecider.forget(held, Stream.of(blob.digest())));
              });
          return damage;
        });
  }

  private void mend(Damage damage) throws IOException, InterruptedException {
    for (Source source : damage.sources()) {
      Optional<String> why = refetch.fetch(source);
      if (why.isEmpty()) {
        if (!source.isDocument()) {
          relink(damage, source);
        }
        report.restored(source);
        return;
      }
      report.notRestored(source, why.get());
    }
  }

  /** The repositories that had the blob have it again. */
  private void relink(Damage damage, Source source) throws IOException {
    for (String repository : damage.repositories()) {
      catalog.change(
          Actor.SELF,
          now ->
              CatalogDecider.linkBlob(now, repository, damage.digest(), source.content().size()));
    }
  }
}
