package dev.waybill.testkit.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.ImageConfigs;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageMakerTest {
  @Test
  void an_image_is_complete_and_every_digest_fits() {
    MadeImage image = sample(Platform.LINUX_AMD64);
    Manifest manifest =
        (Manifest)
            ImageDocuments.read(image.documents().getFirst().content(), null, ImageLimits.DEFAULT);

    assertThat(image.blobs().keySet()).containsAll(manifest.childDigests());
    image.blobs().forEach((digest, content) -> assertThat(Digest.of(content)).isEqualTo(digest));
    byte[] config = image.blobs().get(manifest.config().digest());
    assertThat(ImageConfigs.read(config, ImageLimits.DEFAULT).diffIds()).isEqualTo(image.diffIds());
  }

  @Test
  void the_same_calls_give_the_same_digest() {
    assertThat(sample(Platform.LINUX_AMD64).digest())
        .isEqualTo(sample(Platform.LINUX_AMD64).digest());
  }

  @Test
  void an_index_names_every_platform() {
    MadeImage index = ImageMaker.index(sample(Platform.LINUX_AMD64), sample(Platform.LINUX_ARM64));

    ImageIndex read =
        (ImageIndex)
            ImageDocuments.read(index.documents().getLast().content(), null, ImageLimits.DEFAULT);
    assertThat(read.platforms()).containsExactly("linux/amd64", "linux/arm64");
  }

  @Test
  void a_static_program_runs_without_anything_else(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("app");
    Files.write(file, StaticProgram.compile("int main(void) { return 42; }"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));

    assertThat(new ProcessBuilder(file.toString()).start().waitFor()).isEqualTo(42);
  }

  @Test
  void a_layout_holds_every_blob_under_its_digest(@TempDir Path dir) throws Exception {
    MadeImage image = sample(Platform.LINUX_AMD64);
    OciLayout.write(image, dir, "v1");

    assertThat(dir.resolve("oci-layout")).exists();
    assertThat(Files.readString(dir.resolve("index.json"))).contains(image.digest().toString());
    assertThat(dir.resolve("blobs/sha256/" + image.digest().hex())).exists();
  }

  private static MadeImage sample(Platform platform) {
    return ImageMaker.image()
        .platform(platform)
        .layer(LayerCompression.NONE, LayerEntry.file("etc/motd", "hello"))
        .layer(LayerCompression.ZSTD, LayerEntry.whiteout("etc/motd"))
        .program("bin/app", new byte[] {1, 2, 3})
        .make();
  }
}
