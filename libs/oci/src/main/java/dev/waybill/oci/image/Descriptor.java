package dev.waybill.oci.image;

import dev.waybill.kernel.Digest;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Says of some content what it is, how long it is and what it hashes to.
 *
 * @param mediaType of the content
 * @param digest of the content
 * @param size in bytes, 0 or more
 * @param annotations free texts, sorted by key
 * @param artifactType of the artifact the content describes, if it is one
 * @param platform the content is for; entries of an index have one
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md">image-spec,
 *     descriptor</a>
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    SortedMap<String, String> annotations,
    @Nullable String artifactType,
    @Nullable Platform platform) {

  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("negative size " + size + " of " + digest);
    }
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  /** A descriptor of what and how much alone. */
  public static Descriptor of(String mediaType, Digest digest, long size) {
    return new Descriptor(mediaType, digest, size, new TreeMap<>(), null, null);
  }

  /** Describes these bytes. */
  public static Descriptor of(String mediaType, byte[] content) {
    return of(mediaType, Digest.of(content), content.length);
  }

  /** The same content, said to be for this platform. */
  public Descriptor forPlatform(Platform of) {
    return new Descriptor(mediaType, digest, size, annotations, artifactType, of);
  }
}
