package dev.waybill.image.catalog;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocument;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What the catalog remembers of a manifest or an index.
 *
 * @param digest of its bytes
 * @param mediaType it is served with
 * @param size of its bytes
 * @param children what it names and a pull of it needs
 * @param subject the document it is about, if any
 * @param artifactType as a list of referrers shows it, if any
 * @param annotations as a list of referrers shows them
 */
public record ManifestEntry(
    Digest digest,
    String mediaType,
    long size,
    List<Descriptor> children,
    @Nullable Digest subject,
    @Nullable String artifactType,
    SortedMap<String, String> annotations) {

  public ManifestEntry {
    children = List.copyOf(children);
  }

  /** The entry for a document with these bytes. */
  public static ManifestEntry of(ImageDocument document, byte[] content) {
    return of(document, content, Digest.of(content));
  }

  /** The entry for a document with these bytes, which have this digest by some algorithm. */
  public static ManifestEntry of(ImageDocument document, byte[] content, Digest digest) {
    String artifactType =
        switch (document) {
          case Manifest manifest -> manifest.effectiveArtifactType();
          case ImageIndex index -> index.artifactType();
        };
    Descriptor subject = document.subject();
    return new ManifestEntry(
        digest,
        document.mediaType(),
        content.length,
        document.children(),
        subject == null ? null : subject.digest(),
        artifactType,
        document.annotations());
  }

  /** Whether the children are manifests rather than blobs. */
  public boolean isIndex() {
    return MediaTypes.isIndex(mediaType);
  }

  /** The children without layers that may not be redistributed: they are named, never pushed. */
  public List<Descriptor> heldChildren() {
    return children.stream()
        .filter(
            child ->
                !child.mediaType().contains(".nondistributable.")
                    && !child.mediaType().contains(".foreign."))
        .toList();
  }

  /** As an entry of a list of referrers. */
  public Descriptor asReferrer() {
    return new Descriptor(mediaType, digest, size, annotations, artifactType, null);
  }

  /** The digest of the document this one is about. */
  public Optional<Digest> about() {
    return Optional.ofNullable(subject);
  }
}
