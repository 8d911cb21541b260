package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.ImageConfigs;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.testkit.image.MadeImage;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** An image whose every packed byte is what it says, but whose configuration lies. */
final class LyingImage {
  private LyingImage() {}

  static MadeImage withSwappedDiffIds(MadeImage honest) {
    Manifest manifest =
        (Manifest)
            ImageDocuments.read(honest.documents().getFirst().content(), null, ImageLimits.DEFAULT);
    ImageConfig config =
        ImageConfigs.read(honest.blobs().get(manifest.config().digest()), ImageLimits.DEFAULT);
    byte[] lie =
        ImageWriter.write(
            new ImageConfig(
                config.platform(),
                config.created(),
                config.author(),
                config.config(),
                config.diffIds().reversed(),
                config.history()));
    Descriptor lied = Descriptor.of(manifest.config().mediaType(), lie);
    byte[] content = ImageWriter.write(Manifest.oci(lied, manifest.layers()));
    SortedMap<Digest, byte[]> blobs = new TreeMap<>(honest.blobs());
    blobs.put(lied.digest(), lie);
    Descriptor root = Descriptor.of(manifest.mediaType(), content);
    return new MadeImage(
        root, List.of(new MadeImage.Document(root, content)), blobs, config.diffIds());
  }
}
