package dev.waybill.oci.image;

import dev.waybill.kernel.Digest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifests and indexes.
 *
 * <p>What a document is follows from the content type it was delivered with and from its own {@code
 * mediaType}; the two must agree. A document that could be read both as a manifest and as an index
 * is refused: a signature over it would say nothing about what runs.
 */
public final class ImageDocuments {
  private static final int SCHEMA_VERSION = 2;

  private ImageDocuments() {}

  /**
   * Reads a manifest or an index.
   *
   * @param content exactly as delivered
   * @param contentType as delivered, null if unknown
   * @throws MalformedImageException if it is neither, or over a limit
   */
  public static ImageDocument read(
      byte[] content, @Nullable String contentType, ImageLimits limits) {
    JsonDocument root = JsonDocument.parse(content, limits.documentBytesMax());
    if (root.required("schemaVersion").integer() != SCHEMA_VERSION) {
      throw root.fault(
          "schemaVersion is "
              + root.required("schemaVersion").integer()
              + ", only 2 is supported; push the image again with a current client");
    }
    boolean lists = root.has("manifests");
    if (lists && (root.has("config") || root.has("layers"))) {
      throw root.fault("has both 'manifests' and 'config' or 'layers'");
    }
    String mediaType = mediaType(root, contentType, lists);
    if (lists != MediaTypes.isIndex(mediaType)) {
      throw root.fault("its fields don't fit its media type '" + mediaType + "'");
    }
    return lists ? index(root, mediaType, limits) : manifest(root, mediaType, limits);
  }

  private static String mediaType(JsonDocument root, @Nullable String contentType, boolean lists) {
    Optional<String> own = root.optional("mediaType").map(JsonDocument::text);
    String delivered = contentType == null ? "" : MediaTypes.withoutParameters(contentType);
    boolean telling = MediaTypes.isIndex(delivered) || MediaTypes.isManifest(delivered);
    if (own.isPresent()) {
      if (telling && !own.get().equals(delivered)) {
        throw root.fault(
            "mediaType '" + own.get() + "' differs from the content type '" + delivered + "'");
      }
      if (!MediaTypes.isIndex(own.get()) && !MediaTypes.isManifest(own.get())) {
        throw root.fault("unsupported mediaType '" + own.get() + "'");
      }
      return own.get();
    }
    if (telling) {
      return delivered;
    }
    return lists ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
  }

  private static Manifest manifest(JsonDocument root, String mediaType, ImageLimits limits) {
    List<Descriptor> layers =
        root.elements("layers", limits.layersMax()).stream()
            .map(ImageDocuments::descriptor)
            .toList();
    for (Descriptor layer : layers) {
      if (layer.size() > limits.layerBytesMax()) {
        throw root.fault(
            "layer "
                + layer.digest()
                + " of "
                + layer.size()
                + " bytes is over the limit of "
                + limits.layerBytesMax());
      }
    }
    return new Manifest(
        mediaType,
        artifactType(root),
        descriptor(root.required("config")),
        layers,
        subject(root),
        root.textMap("annotations"));
  }

  private static ImageIndex index(JsonDocument root, String mediaType, ImageLimits limits) {
    List<Descriptor> manifests =
        root.elements("manifests", limits.indexEntriesMax()).stream()
            .map(ImageDocuments::descriptor)
            .toList();
    return new ImageIndex(
        mediaType, artifactType(root), manifests, subject(root), root.textMap("annotations"));
  }

  private static @Nullable String artifactType(JsonDocument place) {
    return place.optional("artifactType").map(JsonDocument::text).orElse(null);
  }

  private static @Nullable Descriptor subject(JsonDocument root) {
    return root.optional("subject").map(ImageDocuments::descriptor).orElse(null);
  }

  private static Descriptor descriptor(JsonDocument place) {
    long size = place.required("size").integer();
    if (size < 0) {
      throw place.fault("size is negative: " + size);
    }
    return new Descriptor(
        place.required("mediaType").text(),
        place.required("digest").as(Digest::parse),
        size,
        place.textMap("annotations"),
        artifactType(place),
        place.optional("platform").map(ImageDocuments::platform).orElse(null));
  }

  static Platform platform(JsonDocument place) {
    String os = place.required("os").text();
    String architecture = place.required("architecture").text();
    if (os.isEmpty() || architecture.isEmpty()) {
      throw place.fault("os and architecture must not be empty");
    }
    return new Platform(
        os,
        architecture,
        place.optional("variant").map(JsonDocument::text).orElse(null),
        place.optional("os.version").map(JsonDocument::text).orElse(null));
  }
}
