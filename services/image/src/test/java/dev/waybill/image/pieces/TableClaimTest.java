package dev.waybill.image.pieces;

import static dev.waybill.testkit.seed.Seeds.forEachSeed;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableClaimTest {
  private static final PieceLimits LIMITS = PieceLimits.DEFAULT;
  private static final String PREFIX = "io.github.containers.zstd-chunked.manifest-";

  /** A layer with what its manifest says of it. */
  private record Layer(Descriptor descriptor, byte[] content) {
    static Layer of(LayerCompression format) {
      MadeImage image =
          ImageMaker.image()
              .layer(
                  format,
                  LayerEntry.file("a", "a".repeat(100)),
                  LayerEntry.file("b", "b".repeat(200_000)),
                  LayerEntry.file("c", ""))
              .make();
      byte[] document = image.documents().getFirst().content();
      Manifest manifest = (Manifest) ImageDocuments.read(document, null, ImageLimits.DEFAULT);
      Descriptor layer = manifest.layers().getFirst();
      return new Layer(layer, image.blobs().get(layer.digest()));
    }

    PieceTable table() throws MalformedTableException {
      TableClaim claim = TableClaim.of(descriptor).orElseThrow();
      int footer = content.length - claim.footerBytes();
      long start =
          claim.tailStart(Arrays.copyOfRange(content, footer, content.length), content.length);
      return claim.read(Arrays.copyOfRange(content, (int) start, content.length), start, LIMITS);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ZSTD_CHUNKED", "STARGZ"})
  void a_layer_s_table_is_found_and_tells_of_all_its_bytes(LayerCompression format)
      throws Exception {
    Layer layer = Layer.of(format);

    PieceTable table = layer.table();

    assertThat(table.size()).isGreaterThan(5);
    assertThat(table.bytes()).isBetween(100L, layer.content().length - 100L);
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "GZIP", "ZSTD"})
  void of_other_layers_nothing_is_claimed(LayerCompression format) {
    assertThat(TableClaim.of(Layer.of(format).descriptor())).isEmpty();
  }

  @Test
  void what_the_first_versions_wrote_is_understood_too() {
    Descriptor now = Layer.of(LayerCompression.ZSTD_CHUNKED).descriptor();
    TreeMap<String, String> older = new TreeMap<>();
    now.annotations().forEach((key, value) -> older.put(key.replace(".github", ""), value));

    assertThat(TableClaim.of(with(now, older))).isEqualTo(TableClaim.of(now)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1:2:3",
        "7:10:20:1",
        "-8:10:20:1",
        "8:0:20:1",
        "8:-1:20:1",
        "8:10:20:2",
        "8:x:20:1",
        "8:9223372036854775807:20:1",
        "9223372036854775807:10:20:1",
        "1000:1:1:1",
        "8:993:1:1"
      })
  void a_position_outside_the_layer_claims_nothing(String position) {
    TreeMap<String, String> annotations = new TreeMap<>();
    annotations.put(PREFIX + "checksum", Digest.of(new byte[0]).toString());
    annotations.put(PREFIX + "position", position);
    Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER_ZSTD, new byte[1000]);

    assertThat(TableClaim.of(with(layer, annotations))).isEmpty();
  }

  @Test
  void a_digest_that_is_none_claims_nothing() {
    TreeMap<String, String> annotations = new TreeMap<>();
    annotations.put(PREFIX + "checksum", "sha256:1234");
    annotations.put(PREFIX + "position", "8:10:20:1");
    annotations.put("containerd.io/snapshot/stargz/toc.digest", "md5:12");
    Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER_ZSTD, new byte[1000]);

    assertThat(TableClaim.of(with(layer, annotations))).isEmpty();
  }

  @Test
  void a_table_that_unpacks_to_more_than_it_may_is_given_up() {
    byte[] spaces = new byte[200 << 20];
    Arrays.fill(spaces, (byte) ' ');
    byte[] start = "{\"entries\":[".getBytes(UTF_8);
    System.arraycopy(start, 0, spaces, 0, start.length);

    assertRefused(Zstd.compress(spaces), "exceeds the maximum");
  }

  @Test
  void a_frame_that_wants_two_gibibytes_of_memory_does_not_get_them() {
    // A frame's magic, no content size, and a window of 2^31 bytes.
    byte[] frame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (21 << 3), 1, 0, 0};

    assertRefused(frame, "the table can't be read");
  }

  @Test
  void another_table_than_was_claimed_is_refused() {
    byte[] tail = new byte[100];

    assertThatThrownBy(() -> new ZstdChunked(8, 50, Digest.of(new byte[1])).read(tail, 0, LIMITS))
        .hasMessageContaining("not sha256:");
    assertThatThrownBy(() -> new ZstdChunked(8, 500, Digest.of(new byte[1])).read(tail, 0, LIMITS))
        .hasMessageContaining("goes on after the layer's end");
  }

  @Test
  void a_stargz_table_of_another_digest_is_refused() {
    Layer layer = Layer.of(LayerCompression.STARGZ);
    TreeMap<String, String> annotations = new TreeMap<>();
    annotations.put("containerd.io/snapshot/stargz/toc.digest", Digest.of(new byte[1]).toString());

    assertThatThrownBy(
            () -> new Layer(with(layer.descriptor(), annotations), layer.content()).table())
        .isInstanceOf(MalformedTableException.class)
        .hasMessageContaining("not sha256:");
  }

  @ParameterizedTest
  @EnumSource(names = {"ZSTD_CHUNKED", "STARGZ"})
  void a_spoilt_tail_is_refused_or_makes_no_difference(LayerCompression format) throws Exception {
    Layer layer = Layer.of(format);
    PieceTable right = layer.table();
    forEachSeed(
        500,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          byte[] spoilt = layer.content().clone();
          int tail = spoilt.length - (int) right.bytes();
          for (int i = 1 + random.nextInt(3); i > 0; i--) {
            spoilt[spoilt.length - 1 - random.nextInt(tail)] = (byte) random.nextInt(256);
          }
          try {
            assertThat(new Layer(layer.descriptor(), spoilt).table()).isEqualTo(right);
          } catch (MalformedTableException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }

  private static void assertRefused(byte[] frame, String why) {
    byte[] tail = new byte[8 + frame.length];
    System.arraycopy(frame, 0, tail, 8, frame.length);
    ZstdChunked claim = new ZstdChunked(8, frame.length, Digest.of(frame));
    assertThatThrownBy(() -> claim.read(tail, 0, LIMITS))
        .isInstanceOf(MalformedTableException.class)
        .hasMessageContaining(why);
  }

  private static Descriptor with(Descriptor layer, TreeMap<String, String> annotations) {
    return new Descriptor(layer.mediaType(), layer.digest(), layer.size(), annotations, null, null);
  }
}
