package dev.waybill.testkit.image;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.ContainerConfig;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerArchive;
import dev.waybill.oci.layer.LayerEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Puts an image together, layer by layer.
 *
 * <pre>{@code
 * MadeImage image = ImageMaker.image()
 *     .layer(LayerCompression.GZIP, LayerEntry.file("etc/motd", "hello"))
 *     .program("bin/app", StaticProgram.compile("int main(void) { return 0; }"))
 *     .make();
 * }</pre>
 */
public final class ImageMaker {
  private final List<Descriptor> layers = new ArrayList<>();
  private final List<Digest> diffIds = new ArrayList<>();
  private final SortedMap<Digest, byte[]> blobs = new TreeMap<>();
  private Platform platform = Platform.linux(System.getProperty("os.arch", "amd64"));
  private ContainerConfig config = ContainerConfig.EMPTY;
  private ImageFormat format = ImageFormat.OCI;

  private ImageMaker() {}

  /** An image for this machine's platform, empty so far. */
  public static ImageMaker image() {
    return new ImageMaker();
  }

  /** Of several images for several platforms, one. */
  public static MadeImage index(MadeImage... images) {
    List<MadeImage.Document> documents = new ArrayList<>();
    SortedMap<Digest, byte[]> blobs = new TreeMap<>();
    List<Descriptor> entries = new ArrayList<>();
    for (MadeImage image : images) {
      documents.addAll(image.documents());
      blobs.putAll(image.blobs());
      entries.add(image.root());
    }
    byte[] content = ImageWriter.write(ImageIndex.oci(entries));
    MadeImage.Document index = new MadeImage.Document(MediaTypes.OCI_INDEX, content);
    documents.add(index);
    return new MadeImage(index.descriptor(), documents, blobs, images[0].diffIds());
  }

  /** With these media types; call it before the first layer. */
  public ImageMaker format(ImageFormat wanted) {
    format = wanted;
    return this;
  }

  /** For this platform. */
  public ImageMaker platform(Platform wanted) {
    platform = wanted;
    return this;
  }

  /** With what {@code change} makes of the configuration so far. */
  public ImageMaker config(UnaryOperator<ContainerConfig> change) {
    config = change.apply(config);
    return this;
  }

  /** One more layer on top. */
  public ImageMaker layer(LayerCompression compression, LayerEntry... entries) {
    return layer(compression, List.of(entries));
  }

  /** One more layer on top. */
  public ImageMaker layer(LayerCompression compression, Collection<LayerEntry> entries) {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    try {
      LayerArchive.write(entries, tar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rawLayer(compression, tar.toByteArray());
  }

  /** One more layer on top from an archive that may be as bad as the test wants it. */
  public ImageMaker rawLayer(LayerCompression compression, byte[] tar) {
    try {
      PackedLayer packed = compression.pack(tar);
      Digest digest = Digest.of(packed.content());
      layers.add(
          new Descriptor(
              compression.mediaType(format),
              digest,
              packed.content().length,
              packed.annotations(),
              null,
              null));
      diffIds.add(packed.diffId());
      blobs.put(digest, packed.content());
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One more layer with a program, which becomes the entrypoint. */
  public ImageMaker program(String path, byte[] executable) {
    return layer(LayerCompression.GZIP, LayerEntry.program(path, executable))
        .config(so -> so.withEntrypoint(List.of("/" + path)));
  }

  /** The finished image. */
  public MadeImage make() {
    byte[] configuration =
        ImageWriter.write(new ImageConfig(platform, null, null, config, diffIds, List.of()));
    boolean oci = format == ImageFormat.OCI;
    Descriptor described =
        Descriptor.of(oci ? MediaTypes.OCI_CONFIG : MediaTypes.DOCKER_CONFIG, configuration);
    SortedMap<Digest, byte[]> content = new TreeMap<>(blobs);
    content.put(described.digest(), configuration);
    String mediaType = oci ? MediaTypes.OCI_MANIFEST : MediaTypes.DOCKER_MANIFEST;
    byte[] bytes =
        ImageWriter.write(new Manifest(mediaType, null, described, layers, null, new TreeMap<>()));
    MadeImage.Document manifest = new MadeImage.Document(mediaType, bytes);
    return new MadeImage(
        manifest.descriptor().forPlatform(platform), List.of(manifest), content, diffIds);
  }
}
