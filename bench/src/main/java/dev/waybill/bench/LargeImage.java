package dev.waybill.bench;

import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.StaticProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * An image for measuring pulls. Its content packs to a fourth or so, as programs and texts do:
 * words from a skewed vocabulary, with a file here and there that doesn't pack at all.
 *
 * @param layers of equal size, above which the program is one more
 * @param filesPerLayer in directories of {@link #FILES_PER_DIRECTORY}
 * @param fileBytesMean of sizes that fall off exponentially
 */
record LargeImage(String name, int layers, int filesPerLayer, int fileBytesMean) {
  /** About 200 MB in 6 layers. */
  static final LargeImage SIX_LAYERS = new LargeImage("sixLayers", 6, 1000, 33_000);

  /** 60,000 files as an interpreter's packages have them. */
  static final LargeImage SMALL_FILES = new LargeImage("smallFiles", 1, 60_000, 2000);

  private static final int FILES_PER_DIRECTORY = 40;
  private static final int WORDS = 1024;
  private static final int WORD_BYTES_MAX = 24;
  private static final double UNPACKABLE_SHARE = 0.05;

  /**
   * The image.
   *
   * @param variant no two variants have a layer in common, so that nothing of one helps with the
   *     next
   */
  MadeImage make(int variant) {
    ImageMaker image = ImageMaker.image();
    for (int layer = 0; layer < layers; layer++) {
      image.layer(LayerCompression.GZIP, entries(variant, layer));
    }
    String program = "int main(void) { return 0; } /* %d */".formatted(variant);
    return image.program("tool", StaticProgram.compile(program)).make();
  }

  private List<LayerEntry> entries(int variant, int layer) {
    Random random = new Random(31L * variant + layer);
    byte[][] words = words(random);
    List<LayerEntry> entries = new ArrayList<>();
    for (int file = 0; file < filesPerLayer; file++) {
      String directory = "data/l%d/d%d".formatted(layer, file / FILES_PER_DIRECTORY);
      if (file % FILES_PER_DIRECTORY == 0) {
        entries.add(LayerEntry.directory(directory));
      }
      int size = (int) (fileBytesMean * -Math.log(1 - random.nextDouble()));
      entries.add(LayerEntry.file(directory + "/f" + file, content(random, words, size)));
    }
    return entries;
  }

  private static byte[][] words(Random random) {
    byte[][] words = new byte[WORDS][];
    for (int i = 0; i < WORDS; i++) {
      words[i] = new byte[4 + random.nextInt(WORD_BYTES_MAX)];
      random.nextBytes(words[i]);
    }
    return words;
  }

  private static byte[] content(Random random, byte[][] words, int size) {
    byte[] content = new byte[size];
    if (random.nextDouble() < UNPACKABLE_SHARE) {
      random.nextBytes(content);
      return content;
    }
    for (int at = 0; at < size; ) {
      double skewed = random.nextDouble() * random.nextDouble() * random.nextDouble();
      byte[] word = words[(int) (skewed * WORDS)];
      int count = Math.min(word.length, size - at);
      System.arraycopy(word, 0, content, at, count);
      at += count;
    }
    return content;
  }
}
