package dev.waybill.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.cli.CliException;
import dev.waybill.cli.api.Target;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.OciLayout;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images from folders, archives and registries, with a registry on loopback as the platform's. */
class ImageTransferTest {
  private final LoopbackRegistry platform = LoopbackRegistry.start();
  private final Target target =
      new Target(
          platform.uri(),
          "token",
          new ObjectMapper().createObjectNode().put("registry", platform.host()));
  private final MadeImage image =
      ImageMaker.image().layer(LayerCompression.GZIP, LayerEntry.file("etc/motd", "hello")).make();

  @TempDir Path dir;

  @AfterEach
  void stop() {
    platform.close();
  }

  @Test
  void an_oci_layout_keeps_its_digest() throws IOException {
    OciLayout.write(image, dir, "1");
    assertThat(ImageTransfer.take(target, dir, "team/app:1")).isEqualTo(image.digest());
    assertThat(platform.resolve("team/app", "1")).isEqualTo(image.digest());
  }

  @Test
  void an_oci_layout_in_an_archive_keeps_its_digest() throws Exception {
    Path layout = Files.createDirectory(dir.resolve("layout"));
    OciLayout.write(image, layout, "1");
    assertThat(ImageTransfer.take(target, tar(layout), "app:2")).isEqualTo(image.digest());
  }

  @Test
  void what_docker_saved_becomes_an_image_with_the_same_layers() throws Exception {
    Path saved = Files.createDirectory(dir.resolve("saved"));
    Files.writeString(saved.resolve("config.json"), "{}");
    Files.writeString(saved.resolve("layer.tar"), "layer");
    Files.writeString(
        saved.resolve("manifest.json"),
        "[{\"Config\":\"config.json\",\"RepoTags\":[],\"Layers\":[\"layer.tar\"]}]");
    assertThat(ImageTransfer.take(target, tar(saved), "app:3"))
        .isEqualTo(platform.resolve("app", "3"));
  }

  @Test
  void a_blob_that_is_not_what_its_name_says_is_refused() throws IOException {
    OciLayout.write(image, dir, "1");
    Files.writeString(dir.resolve("blobs/sha256").resolve(image.digest().hex()), "{}");
    assertThatThrownBy(() -> ImageTransfer.take(target, dir, "app:1"))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("is something else");
  }

  @Test
  void a_folder_without_an_image_says_what_import_takes() {
    assertThatThrownBy(() -> ImageTransfer.take(target, dir, "app:1"))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("OCI layouts and 'docker save'");
  }

  @Test
  void a_copy_between_registries_has_the_same_digest() {
    platform.add("team/app", "1", image);
    try (var other = LoopbackRegistry.start();
        var from = RegistrySession.own(target, "team/app");
        var to = RegistrySession.at(other.host(), other.host(), "copy/app")) {
      assertThat(from.copy("1", to, "9")).isEqualTo(image.digest());
      assertThat(other.resolve("copy/app", "9")).isEqualTo(image.digest());
    }
  }

  private Path tar(Path folder) throws Exception {
    Path archive = dir.resolve("image.tar");
    int status =
        new ProcessBuilder("tar", "-cf", archive.toString(), "-C", folder.toString(), ".")
            .inheritIO()
            .start()
            .waitFor();
    assertThat(status).isZero();
    return archive;
  }
}
