package dev.waybill.oci.image;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A list of manifests, one for each platform the image exists for.
 *
 * @param mediaType {@link MediaTypes#OCI_INDEX} or {@link MediaTypes#DOCKER_LIST}
 * @param artifactType of the artifact this is, if it is one
 * @param manifests in the order written
 * @param subject the document that this one is about
 * @param annotations free texts, sorted by key
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md">image-spec,
 *     image index</a>
 */
public record ImageIndex(
    String mediaType,
    @Nullable String artifactType,
    List<Descriptor> manifests,
    @Nullable Descriptor subject,
    SortedMap<String, String> annotations)
    implements ImageDocument {

  public ImageIndex {
    if (!MediaTypes.isIndex(mediaType)) {
      throw new IllegalArgumentException("not the media type of an index: '" + mediaType + "'");
    }
    manifests = List.copyOf(manifests);
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  /** A plain OCI index. */
  public static ImageIndex oci(List<Descriptor> manifests) {
    return new ImageIndex(MediaTypes.OCI_INDEX, null, manifests, null, new TreeMap<>());
  }

  @Override
  public List<Descriptor> children() {
    return manifests;
  }

  /**
   * The entry that runs on {@code wanted}: the first exact one, else the newest variant that still
   * runs. An entry without a platform suits only where it is the sole entry, since then its
   * configuration alone can tell.
   */
  public Optional<Descriptor> pick(Platform wanted) {
    Optional<Descriptor> exact =
        manifests.stream()
            .filter(entry -> entry.platform() != null && wanted.isExactly(entry.platform()))
            .findFirst();
    if (exact.isPresent()) {
      return exact;
    }
    Optional<Descriptor> older =
        manifests.stream()
            .filter(entry -> entry.platform() != null && wanted.runs(entry.platform()))
            .max(Comparator.comparing(ImageIndex::variant));
    if (older.isPresent() || manifests.size() != 1) {
      return older;
    }
    return manifests.stream().filter(entry -> entry.platform() == null).findFirst();
  }

  private static String variant(Descriptor entry) {
    return Objects.requireNonNull(entry.platform()).normalVariant();
  }

  /** The platforms of the entries that have one, as a person reads them. */
  public List<String> platforms() {
    return manifests.stream()
        .map(Descriptor::platform)
        .filter(Objects::nonNull)
        .map(Platform::toString)
        .distinct()
        .toList();
  }
}
