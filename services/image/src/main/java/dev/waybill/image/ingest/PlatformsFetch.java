package dev.waybill.image.ingest;

import dev.waybill.image.ingest.DocumentFetch.Document;
import dev.waybill.image.ingest.DocumentFetch.Found;
import dev.waybill.image.ingest.DocumentFetch.Image;
import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.PlatformSelection;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the documents of an image for several platforms: the index as it is, and of what it names
 * only what is wanted.
 */
final class PlatformsFetch {
  private static final int DEPTH_MAX = 3;
  private static final int DOCUMENTS_MAX = 512;

  private final DocumentFetch documents;
  private final PlatformSelection wanted;
  private final Platform own;
  private final List<Document> indexes = new ArrayList<>();
  private final List<Image> images = new ArrayList<>();
  private final Set<Digest> seen = new HashSet<>();
  private final Deque<Level> open = new ArrayDeque<>();

  /** An index whose entries are to be followed. */
  private record Level(ImageIndex index, int depth) {}

  /**
   * @param own platform, whose image comes first if it is among them
   */
  PlatformsFetch(DocumentFetch documents, PlatformSelection wanted, Platform own) {
    this.documents = documents;
    this.wanted = wanted;
    this.own = own;
  }

  /** Follows {@code key} to all the manifests that are wanted; once. */
  Found fetch(String repository, String key)
      throws IOException, PullFailedException, InterruptedException {
    Document root = documents.one(repository, key, Optional.empty());
    add(root, null, 1);
    while (!open.isEmpty()) {
      Level level = open.remove();
      for (Descriptor entry : wanted.choose(level.index())) {
        if (seen.add(entry.digest())) {
          requireRoom(repository);
          String digest = entry.digest().toString();
          add(documents.one(repository, digest, Optional.of(entry)), entry, level.depth() + 1);
        }
      }
    }
    if (images.isEmpty() && root.value() instanceof ImageIndex index) {
      throw new PullFailedException(
          Reason.NO_PLATFORM,
          "the image is for none of " + wanted.texts() + " but for " + index.platforms());
    }
    images.sort(Comparator.comparing(image -> !isOwn(image)));
    List<Document> all = new ArrayList<>(images.stream().map(Image::document).toList());
    all.addAll(indexes);
    return new Found(all, images);
  }

  private boolean isOwn(Image image) {
    return image.platform().filter(own::runs).isPresent();
  }

  private void add(Document document, @Nullable Descriptor entry, int depth)
      throws PullFailedException {
    switch (document.value()) {
      case Manifest manifest -> images.add(new Image(document, manifest, entry));
      case ImageIndex index -> {
        if (depth > DEPTH_MAX) {
          throw new PullFailedException(
              Reason.MALFORMED, "indexes are nested deeper than " + DEPTH_MAX);
        }
        indexes.addFirst(document); // What is named comes before what names it.
        open.add(new Level(index, depth));
      }
    }
  }

  private void requireRoom(String repository) throws PullFailedException {
    if (seen.size() > DOCUMENTS_MAX) {
      throw new PullFailedException(
          Reason.MALFORMED,
          "more than " + DOCUMENTS_MAX + " manifests for " + wanted.texts() + " in " + repository);
    }
  }
}
