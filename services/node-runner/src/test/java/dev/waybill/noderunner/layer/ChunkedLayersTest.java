package dev.waybill.noderunner.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.layer.UnpackOutcome.Unpacked;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers of many frames or members, with frames to be skipped and members without content. */
class ChunkedLayersTest {
  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(names = {"ZSTD_CHUNKED", "STARGZ"})
  void all_frames_and_members_are_read_however_they_arrive(LayerCompression format)
      throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root to set owners");
    MadeImage image = image(format);
    for (int most : new int[] {1 << 20, 4096, 7}) {
      Path target = Files.createDirectory(dir.resolve("by-" + most));

      UnpackOutcome outcome =
          new LayerUnpacker(UnpackLimits.DEFAULT).unpack(new Trickle(layer(image), most), target);

      assertThat(outcome)
          .isInstanceOfSatisfying(
              Unpacked.class,
              unpacked -> assertThat(unpacked.diffId()).isEqualTo(image.diffIds().getFirst()));
      assertThat(Files.readAllBytes(target.resolve("large"))).isEqualTo(random(300_000, 5));
      assertThat(target.resolve("d/f39")).hasContent("39");
      assertThat(target.resolve("d/link").toRealPath().getFileName()).hasToString("f1");
    }
  }

  @Test
  void both_ways_to_inflate_see_all_members() throws Exception {
    MadeImage image = image(LayerCompression.STARGZ);
    assertThat(digest(new GZIPInputStream(layer(image)))).isEqualTo(image.diffIds().getFirst());
    assumeTrue(IsalLibrary.found().isPresent(), "needs libisal2");
    assertThat(digest(new IsalGzipStream(layer(image), IsalLibrary.found().orElseThrow())))
        .isEqualTo(image.diffIds().getFirst());
  }

  private static Digest digest(InputStream in) throws IOException {
    try (in) {
      return Digest.of(in.readAllBytes());
    }
  }

  private static ByteArrayInputStream layer(MadeImage image) {
    byte[] largest = new byte[0];
    for (byte[] blob : image.blobs().values()) {
      largest = blob.length > largest.length ? blob : largest;
    }
    return new ByteArrayInputStream(largest);
  }

  private static MadeImage image(LayerCompression format) {
    List<LayerEntry> entries = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      entries.add(LayerEntry.file("d/f" + i, Integer.toString(i)));
    }
    entries.add(LayerEntry.file("d/empty", ""));
    entries.add(LayerEntry.symbolicLink("d/link", "f1"));
    entries.add(LayerEntry.file("large", random(300_000, 5)));
    return ImageMaker.image().layer(format, entries).make();
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** A connection that has few bytes at a time, and never says that there are more. */
  private static final class Trickle extends FilterInputStream {
    private final int most;

    Trickle(InputStream all, int most) {
      super(all);
      this.most = most;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return super.read(buffer, offset, Math.min(length, most));
    }

    @Override
    public int available() {
      return 0;
    }
  }
}
