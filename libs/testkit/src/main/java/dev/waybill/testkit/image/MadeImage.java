package dev.waybill.testkit.image;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
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

  /** The one image that this is, with all that it names and itself named by SHA-512. */
  public MadeImage bySha512() {
    Document only = documents.getFirst();
    if (!(ImageDocuments.read(only.content(), null, ImageLimits.DEFAULT)
        instanceof Manifest manifest)) {
      throw new IllegalStateException("an index names several");
    }
    SortedMap<Digest, byte[]> renamed = new TreeMap<>();
    blobs.values().forEach(content -> renamed.put(sha512(content), content));
    byte[] content =
        ImageWriter.write(
            Manifest.oci(
                renamed(manifest.config()),
                manifest.layers().stream().map(this::renamed).toList()));
    Descriptor again = Descriptor.of(manifest.mediaType(), sha512(content), content.length);
    return new MadeImage(again, List.of(new Document(again, content)), renamed, diffIds);
  }

  private Descriptor renamed(Descriptor blob) {
    byte[] content = Objects.requireNonNull(blobs.get(blob.digest()));
    return Descriptor.of(blob.mediaType(), sha512(content), content.length);
  }

  private static Digest sha512(byte[] content) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-512");
      hash.update(content);
      return Digest.finish(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-512", e);
    }
  }

  /** What names this image. */
  public Digest digest() {
    return root.digest();
  }
}
