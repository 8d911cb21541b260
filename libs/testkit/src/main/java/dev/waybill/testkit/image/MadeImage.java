package dev.waybill.testkit.image;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An image, complete and in memory.
 *
 * @param root describes the manifest or index that names the image
 * @param documents manifests and indexes in the order in which a registry takes them: what is named
 *     comes before what names it
 * @param blobs configurations and layers
 * @param diffIds digests of the unpacked layers of the first manifest, lowest first
 */
public record MadeImage(
    Descriptor root,
    List<Document> documents,
    SortedMap<Digest, byte[]> blobs,
    List<Digest> diffIds) {

  public MadeImage {
    documents = List.copyOf(documents);
    blobs = Collections.unmodifiableSortedMap(new TreeMap<>(blobs));
    diffIds = List.copyOf(diffIds);
  }

  /** A manifest or an index as bytes. */
  public record Document(Descriptor descriptor, byte[] content) {
    Document(String mediaType, byte[] content) {
      this(Descriptor.of(mediaType, content), content);
    }
  }

  /** What names this image. */
  public Digest digest() {
    return root.digest();
  }
}
