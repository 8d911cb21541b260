package dev.waybill.oci.image;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One image, or one artifact: a configuration and layers, lowest first.
 *
 * @param mediaType {@link MediaTypes#OCI_MANIFEST} or {@link MediaTypes#DOCKER_MANIFEST}
 * @param artifactType as written; see {@link #effectiveArtifactType()}
 * @param config describes the configuration
 * @param layers lowest first
 * @param subject the document that this one is about
 * @param annotations free texts, sorted by key
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md">image-spec,
 *     manifest</a>
 */
public record Manifest(
    String mediaType,
    @Nullable String artifactType,
    Descriptor config,
    List<Descriptor> layers,
    @Nullable Descriptor subject,
    SortedMap<String, String> annotations)
    implements ImageDocument {

  public Manifest {
    if (!MediaTypes.isManifest(mediaType)) {
      throw new IllegalArgumentException("not the media type of a manifest: '" + mediaType + "'");
    }
    layers = List.copyOf(layers);
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  /** A plain OCI image. */
  public static Manifest oci(Descriptor config, List<Descriptor> layers) {
    return new Manifest(MediaTypes.OCI_MANIFEST, null, config, layers, null, new TreeMap<>());
  }

  /** The artifact type that a list of referrers shows: the configuration's type if none is said. */
  public String effectiveArtifactType() {
    return artifactType == null || artifactType.isEmpty() ? config.mediaType() : artifactType;
  }

  @Override
  public List<Descriptor> children() {
    return Stream.concat(Stream.of(config), layers.stream()).toList();
  }
}
