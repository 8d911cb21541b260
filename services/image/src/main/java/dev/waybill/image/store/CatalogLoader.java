package dev.waybill.image.store;

import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.CatalogChange;
import dev.waybill.image.catalog.CatalogChange.BlobLinked;
import dev.waybill.image.catalog.CatalogChange.ManifestPut;
import dev.waybill.image.catalog.CatalogChange.Tagged;
import dev.waybill.image.catalog.CatalogJournal.Kept;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads the repositories back at start. An entry whose bytes are missing or spoilt is left out and
 * reported: the rest of the store must not be held up by it.
 */
final class CatalogLoader {
  private final Path root;
  private final BlobStore store;
  private final Map<Digest, StoredBlob> stored = new HashMap<>();
  private final List<String> faults = new ArrayList<>();
  private Catalog catalog = Catalog.EMPTY;

  CatalogLoader(Path root, BlobStore store) {
    this.root = root;
    this.store = store;
  }

  Kept load() throws IOException {
    // One listing, not a look-up for each link: a store elsewhere takes its time for each.
    store.all().forEach(blob -> stored.put(blob.digest(), blob));
    descend(root);
    return new Kept(catalog, List.copyOf(faults));
  }

  private void descend(Path directory) throws IOException {
    for (Path child : children(directory)) {
      String name = child.getFileName().toString();
      if (!name.startsWith("_")) {
        descend(child);
      }
    }
    String repository = root.relativize(directory).toString();
    if (!repository.isEmpty()) {
      load(directory, repository);
    }
  }

  private void load(Path directory, String repository) throws IOException {
    for (Path file : entries(directory.resolve(DiskCatalogJournal.BLOBS))) {
      Digest digest = Digest.ofHex(file.getFileName().toString());
      StoredBlob blob = stored.get(digest);
      if (blob != null) {
        add(new BlobLinked(repository, digest, blob.size()));
      } else {
        faults.add("blob " + digest + " of " + repository + " is not stored, push it again");
      }
    }
    for (Path file : entries(directory.resolve(DiskCatalogJournal.MANIFESTS))) {
      Digest digest = Digest.ofHex(file.getFileName().toString());
      manifest(repository, digest, Files.readString(file))
          .ifPresent(entry -> add(new ManifestPut(repository, entry)));
    }
    for (Path file : entries(directory.resolve(DiskCatalogJournal.TAGS))) {
      tag(repository, file.getFileName().toString(), Files.readString(file));
    }
  }

  private Optional<ManifestEntry> manifest(String repository, Digest digest, String mediaType)
      throws IOException {
    StoredBlob blob = stored.get(digest);
    if (blob == null) {
      faults.add("manifest " + digest + " of " + repository + " is not stored, push it again");
      return Optional.empty();
    }
    byte[] content = store.read(blob);
    if (!digest.likewise(content).equals(digest)) {
      faults.add("manifest " + digest + " of " + repository + " is spoilt, push it again");
      return Optional.empty();
    }
    return Optional.of(
        ManifestEntry.of(
            ImageDocuments.read(content, mediaType, ImageLimits.DEFAULT), content, digest));
  }

  private void tag(String repository, String tag, String text) {
    Digest digest = Digest.parse(text);
    boolean known =
        catalog
            .repository(repository)
            .filter(found -> found.manifests().containsKey(digest))
            .isPresent();
    if (known) {
      add(new Tagged(repository, tag, digest, Optional.empty()));
    } else {
      faults.add("tag " + repository + ":" + tag + " names " + digest + ", which is not here");
    }
  }

  private void add(CatalogChange change) {
    catalog = catalog.evolve(List.of(change));
  }

  /** The files of a kind; a dotted one was being written when the process ended, and goes. */
  private static List<Path> entries(Path directory) throws IOException {
    List<Path> kept = new ArrayList<>();
    for (Path file : Files.isDirectory(directory) ? children(directory) : List.<Path>of()) {
      if (file.getFileName().toString().startsWith(".")) {
        Files.delete(file);
      } else {
        kept.add(file);
      }
    }
    return kept;
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
