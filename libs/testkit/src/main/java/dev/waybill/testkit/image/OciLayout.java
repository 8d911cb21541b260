package dev.waybill.testkit.image;

import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An image in a directory, as {@code skopeo copy oci:DIR:TAG …} takes it.
 *
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md">image-spec,
 *     image layout</a>
 */
public final class OciLayout {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  private OciLayout() {}

  /** Writes the image into a fresh directory. */
  public static void write(MadeImage image, Path directory, String tag) throws IOException {
    Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
    for (var blob : image.blobs().entrySet()) {
      Files.write(blobs.resolve(blob.getKey().hex()), blob.getValue());
    }
    for (MadeImage.Document document : image.documents()) {
      Files.write(blobs.resolve(document.descriptor().digest().hex()), document.content());
    }
    Descriptor root = image.root();
    Descriptor named =
        new Descriptor(
            root.mediaType(),
            root.digest(),
            root.size(),
            new TreeMap<>(Map.of(REF_NAME, tag)),
            null,
            root.platform());
    Files.write(directory.resolve("index.json"), ImageWriter.write(ImageIndex.oci(List.of(named))));
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
  }
}
