package dev.waybill.image.store;

import dev.waybill.image.catalog.CatalogChange;
import dev.waybill.image.catalog.CatalogChange.BlobLinked;
import dev.waybill.image.catalog.CatalogChange.BlobUnlinked;
import dev.waybill.image.catalog.CatalogChange.ManifestPut;
import dev.waybill.image.catalog.CatalogChange.ManifestRemoved;
import dev.waybill.image.catalog.CatalogChange.Tagged;
import dev.waybill.image.catalog.CatalogChange.Untagged;
import dev.waybill.image.catalog.CatalogJournal;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Keeps a small file for each fact about a repository. */
public final class DiskCatalogJournal implements CatalogJournal {
  static final String BLOBS = "_blobs";
  static final String MANIFESTS = "_manifests";
  static final String TAGS = "_tags";

  private final Path repositories;
  private final BlobStore store;
  private final Disk disk;
  private final DurableFiles files;

  private DiskCatalogJournal(Path repositories, BlobStore store, Disk disk) {
    this.repositories = repositories;
    this.store = store;
    this.disk = disk;
    this.files = new DurableFiles(disk);
  }

  /** The journal in this directory; manifests are read from {@code store}. */
  public static DiskCatalogJournal open(Path data, BlobStore store) throws IOException {
    return open(data, store, new LocalDisk());
  }

  static DiskCatalogJournal open(Path data, BlobStore store, Disk disk) throws IOException {
    Path repositories = data.resolve("repositories");
    new DurableFiles(disk).createDirectories(repositories);
    return new DiskCatalogJournal(repositories, store, disk);
  }

  @Override
  public Kept load() throws IOException {
    return new CatalogLoader(repositories, store).load();
  }

  @Override
  public Instant since(String repository, Digest manifest) {
    Path file = repositories.resolve(repository).resolve(MANIFESTS).resolve(manifest.hex());
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (NoSuchFileException none) {
      return Instant.MAX;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look up " + file, e);
    }
  }

  @Override
  public void append(List<CatalogChange> changes) throws IOException {
    SortedSet<Path> touched = new TreeSet<>();
    try {
      for (CatalogChange change : changes) {
        apply(change, touched);
      }
      for (Path directory : touched) {
        disk.forceDirectory(directory);
      }
    } catch (IOException e) {
      throw StoreFullException.orSame(repositories.toString(), e);
    }
  }

  private void apply(CatalogChange change, SortedSet<Path> touched) throws IOException {
    Path home = repositories.resolve(change.repository());
    switch (change) {
      case BlobLinked(_, var digest, _) -> {
        Path links = home.resolve(BLOBS);
        Path link = links.resolve(digest.hex());
        files.createDirectories(links);
        if (!Files.exists(link)) {
          disk.createFile(link);
        }
        touched.add(links); // One force for all the links of an image.
      }
      case BlobUnlinked(_, var digest) ->
          remove(home.resolve(BLOBS).resolve(digest.hex()), touched);
      case ManifestPut(_, var entry) ->
          files.replace(
              home.resolve(MANIFESTS).resolve(entry.digest().hex()), ascii(entry.mediaType()));
      case ManifestRemoved(_, var digest) ->
          remove(home.resolve(MANIFESTS).resolve(digest.hex()), touched);
      case Tagged(_, var tag, var digest, _) ->
          files.replace(home.resolve(TAGS).resolve(tag), ascii(digest.toString()));
      case Untagged(_, var tag, _) -> remove(home.resolve(TAGS).resolve(tag), touched);
    }
  }

  private void remove(Path file, SortedSet<Path> touched) throws IOException {
    if (disk.delete(file)) {
      touched.add(DurableFiles.directoryOf(file));
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
