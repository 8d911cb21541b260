package dev.waybill.oci.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.kernel.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ImageDocumentsTest {
  private static final Digest A = Digest.of(new byte[] {1});
  private static final Digest B = Digest.of(new byte[] {2});
  private static final Descriptor CONFIG = Descriptor.of(MediaTypes.OCI_CONFIG, A, 10);
  private static final Descriptor LAYER = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, B, 20);

  @Test
  void a_manifest_reads_back_as_written() {
    Manifest manifest =
        new Manifest(
            MediaTypes.OCI_MANIFEST,
            "application/example",
            CONFIG,
            List.of(LAYER),
            Descriptor.of(MediaTypes.OCI_MANIFEST, B, 30),
            new TreeMap<>(java.util.Map.of("note", "x")));

    assertThat(read(ImageWriter.write(manifest))).isEqualTo(manifest);
  }

  @Test
  void an_index_reads_back_as_written() {
    ImageIndex index =
        ImageIndex.oci(
            List.of(
                entry(A, Platform.LINUX_AMD64), entry(B, new Platform("linux", "arm", "v6", "1"))));

    assertThat(read(ImageWriter.write(index))).isEqualTo(index);
  }

  @Test
  void a_document_that_is_both_manifest_and_index_is_refused() {
    assertRefused(
        "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", "both 'manifests' and 'config'");
  }

  @Test
  void a_repeated_field_is_refused() {
    assertRefused("{\"schemaVersion\":2,\"schemaVersion\":2}", "not JSON");
  }

  @Test
  void the_first_schema_is_refused_with_the_remedy() {
    assertRefused("{\"schemaVersion\":1}", "only 2 is supported; push the image again");
  }

  @Test
  void a_content_type_that_differs_from_the_media_type_is_refused() {
    byte[] manifest = ImageWriter.write(Manifest.oci(CONFIG, List.of()));

    assertThatThrownBy(
            () -> ImageDocuments.read(manifest, MediaTypes.OCI_INDEX, ImageLimits.DEFAULT))
        .hasMessageContaining("differs from the content type");
  }

  @Test
  void a_fault_names_its_place() {
    assertRefused(
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"m\",\"digest\":\"sha256:0\",\"size\":1}}",
        "$.config.digest: not 64 lower-case hex digits: '0'");
  }

  @Test
  void more_layers_than_the_limit_are_refused() {
    byte[] many =
        ImageWriter.write(Manifest.oci(CONFIG, java.util.Collections.nCopies(129, LAYER)));

    assertThatThrownBy(() -> read(many)).hasMessageContaining("129 entries, over the limit of 128");
  }

  @Test
  void a_document_over_the_byte_limit_is_refused_unread() {
    assertThatThrownBy(() -> read(new byte[(4 << 20) + 1]))
        .hasMessageContaining("over the limit of 4194304");
  }

  @Test
  void an_index_gives_the_entry_of_the_platform() {
    ImageIndex index =
        ImageIndex.oci(
            List.of(
                entry(A, Platform.LINUX_ARM64),
                entry(B, new Platform("linux", "arm", "v6", null))));

    assertThat(index.pick(new Platform("linux", "arm64", "v8", null)).orElseThrow().digest())
        .isEqualTo(A);
    assertThat(index.pick(Platform.of("linux", "arm")).orElseThrow().digest())
        .as("v6 runs on v7")
        .isEqualTo(B);
    assertThat(index.pick(Platform.LINUX_AMD64)).isEmpty();
  }

  @Test
  void chain_ids_follow_the_specification() {
    assertThat(ChainId.ofEach(List.of(A, B)))
        .containsExactly(A, Digest.of((A + " " + B).getBytes(StandardCharsets.US_ASCII)));
  }

  private static Descriptor entry(Digest digest, Platform platform) {
    return Descriptor.of(MediaTypes.OCI_MANIFEST, digest, 5).forPlatform(platform);
  }

  private static ImageDocument read(byte[] content) {
    return ImageDocuments.read(content, null, ImageLimits.DEFAULT);
  }

  private static void assertRefused(String json, String why) {
    assertThatThrownBy(() -> read(json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedImageException.class)
        .hasMessageContaining(why);
  }
}
