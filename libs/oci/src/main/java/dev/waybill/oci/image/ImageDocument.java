package dev.waybill.oci.image;

import dev.waybill.kernel.Digest;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** What a registry keeps under a tag: a manifest, or an index of manifests. */
public sealed interface ImageDocument permits Manifest, ImageIndex {
  /** The media type of this document. */
  String mediaType();

  /** What kind of artifact this is; of a manifest that says nothing, its configuration's type. */
  @Nullable String artifactType();

  /** The document that this one says something about, for example signs. */
  @Nullable Descriptor subject();

  /** Free texts, sorted by key. */
  SortedMap<String, String> annotations();

  /** What must be present for this document to be complete, without its subject. */
  List<Descriptor> children();

  /** The digests of {@link #children()}. */
  default List<Digest> childDigests() {
    return children().stream().map(Descriptor::digest).toList();
  }
}
