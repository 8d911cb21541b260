package dev.waybill.oci.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.kernel.Digest;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PlatformSelectionTest {
  private static final Descriptor AMD64 = entry(1, "linux/amd64");
  private static final Descriptor ARM64 = entry(2, "linux/arm64/v8");
  private static final Descriptor ARM_V6 = entry(3, "linux/arm/v6");
  private static final Descriptor ARM_V7 = entry(4, "linux/arm/v7");
  private static final Descriptor ABOUT_AMD64 = about(5, AMD64);
  private static final Descriptor ABOUT_ARM64 = about(6, ARM64);
  private static final ImageIndex INDEX =
      ImageIndex.oci(List.of(AMD64, ARM64, ARM_V6, ARM_V7, ABOUT_AMD64, ABOUT_ARM64));

  @Test
  void for_each_platform_one_image_is_chosen_with_what_the_index_has_about_it() {
    assertThat(chosen("linux/arm64", "linux/arm/v6")).containsExactly(ARM64, ARM_V6, ABOUT_ARM64);
    assertThat(chosen("linux/amd64")).containsExactly(AMD64, ABOUT_AMD64);
  }

  @Test
  void an_older_variant_does_where_there_is_no_other() {
    ImageIndex old = ImageIndex.oci(List.of(AMD64, ARM_V6));
    assertThat(PlatformSelection.parse(List.of("linux/arm/v7")).choose(old))
        .containsExactly(ARM_V6);
  }

  @Test
  void all_are_all() {
    assertThat(chosen("all")).isEqualTo(INDEX.manifests());
    assertThat(PlatformSelection.parse(List.of("all")).takes(Platform.LINUX_ARM64)).isTrue();
  }

  @Test
  void a_platform_that_there_is_no_image_for_chooses_nothing() {
    assertThat(chosen("linux/riscv64")).isEmpty();
    assertThat(PlatformSelection.parse(List.of()).isEmpty()).isTrue();
  }

  @Test
  void what_runs_nowhere_is_not_shown() {
    assertThat(PlatformSelection.shown(chosen("all")))
        .containsExactly("linux/amd64", "linux/arm64/v8", "linux/arm/v6", "linux/arm/v7");
  }

  @Test
  void what_is_no_platform_is_refused() {
    assertRefused(List.of("linux"), "not a platform");
    assertRefused(List.of("all", "linux/amd64"), "with other platforms beside it");
    assertRefused(List.of("linux/"), "needs an os and an architecture");
    assertRefused(Collections.nCopies(33, "linux/amd64"), "more than 32 platforms");
  }

  @Test
  void texts_and_parse_are_inverse() {
    for (List<String> texts : List.of(List.<String>of(), List.of("all"), List.of("linux/arm/v7"))) {
      assertThat(PlatformSelection.parse(texts).texts()).isEqualTo(texts);
    }
  }

  private static void assertRefused(List<String> texts, String why) {
    assertThatThrownBy(() -> PlatformSelection.parse(texts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  private static List<Descriptor> chosen(String... platforms) {
    return PlatformSelection.parse(List.of(platforms)).choose(INDEX);
  }

  private static Descriptor entry(int number, String platform) {
    return Descriptor.of(MediaTypes.OCI_MANIFEST, new byte[] {(byte) number})
        .forPlatform(Platform.parse(platform));
  }

  private static Descriptor about(int number, Descriptor image) {
    TreeMap<String, String> annotations = new TreeMap<>();
    annotations.put("vnd.docker.reference.digest", image.digest().toString());
    return new Descriptor(
        MediaTypes.OCI_MANIFEST,
        Digest.of(new byte[] {(byte) number}),
        1,
        annotations,
        null,
        Platform.of("unknown", "unknown"));
  }
}
