package dev.waybill.bench;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.ContainerConfig;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.LayerArchive;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.OciLayout;
import dev.waybill.testkit.image.StaticProgram;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * An image of one layer that is larger than any heap here, in an OCI layout under the tag 1.
 *
 * @param layout its directory
 * @param packed bytes of the layer as it is sent
 */
record LargeLayer(Path layout, long packed) {
  private static final int BUFFER_BYTES = 128 * 1024;

  /**
   * The entrypoint: does nothing, or writes so many MiB to a file that differs by a seed, no two of
   * its words alike.
   */
  private static final String TOOL =
      """
      #include <fcntl.h>
      #include <stdlib.h>
      #include <string.h>
      #include <unistd.h>
      static unsigned long block[1 << 17];
      int main(int argc, char **argv) {
        if (argc != 4 || strcmp(argv[1], "fill")) return 0;
        unsigned long state = strtoul(argv[3], 0, 10) * 2 + 1;
        int file = open("/filled", O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (file < 0) return 1;
        for (long left = atol(argv[2]); left > 0; left--) {
          for (int i = 0; i < 1 << 17; i++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            block[i] = state;
          }
          if (write(file, block, sizeof block) != sizeof block) return 2;
        }
        return 0;
      }
      """;

  /** How the layer is sent. */
  enum Packing {
    GZIP(MediaTypes.OCI_LAYER_GZIP),
    NONE(MediaTypes.OCI_LAYER_TAR);

    private final String mediaType;

    Packing(String mediaType) {
      this.mediaType = mediaType;
    }

    private OutputStream over(OutputStream out) throws IOException {
      return this == GZIP ? new Quick(out) : out;
    }
  }

  /**
   * Makes it on disk, never whole in memory.
   *
   * @param version in a small file beside the large one, which all versions have in common
   */
  static LargeLayer make(Path directory, long bytes, Packing packing, int version)
      throws IOException {
    Path file = Files.createDirectories(directory).resolve("packed");
    MessageDigest packed = Digest.sha256();
    MessageDigest plain = Digest.sha256();
    try (var out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES);
        var tar =
            new DigestOutputStream(packing.over(new DigestOutputStream(out, packed)), plain)) {
      LayerArchive.write(entries(bytes, version), tar);
    }
    Descriptor layer =
        new Descriptor(
            packing.mediaType,
            Digest.finish(packed),
            Files.size(file),
            new TreeMap<>(),
            null,
            null);
    OciLayout.write(image(layer, Digest.finish(plain)), directory, "1");
    Files.move(file, directory.resolve("blobs/sha256").resolve(layer.digest().hex()));
    return new LargeLayer(directory, layer.size());
  }

  private static List<LayerEntry> entries(long bytes, int version) {
    return List.of(
        LayerEntry.file("version", Integer.toString(version)),
        new LayerEntry.RegularFile(
            "large", FileAttributes.ofMode(0644), new LargeContent(1, bytes)),
        LayerEntry.program("tool", StaticProgram.compile(TOOL)));
  }

  /** What goes with the layer. */
  private static MadeImage image(Descriptor layer, Digest diffId) {
    byte[] config =
        ImageWriter.write(
            new ImageConfig(
                Platform.linux(System.getProperty("os.arch", "amd64")),
                null,
                null,
                ContainerConfig.EMPTY.withEntrypoint(List.of("/tool")),
                List.of(diffId),
                List.of()));
    Descriptor described = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    byte[] manifest = ImageWriter.write(Manifest.oci(described, List.of(layer)));
    var document =
        new MadeImage.Document(Descriptor.of(MediaTypes.OCI_MANIFEST, manifest), manifest);
    var blobs = new TreeMap<Digest, byte[]>();
    blobs.put(described.digest(), config);
    return new MadeImage(document.descriptor(), List.of(document), blobs, List.of(diffId));
  }

  private static final class Quick extends GZIPOutputStream {
    Quick(OutputStream out) throws IOException {
      super(out, BUFFER_BYTES);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
