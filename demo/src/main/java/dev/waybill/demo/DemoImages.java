package dev.waybill.demo;

import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.StaticProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Small real images, each of one static program that is compiled on the spot. */
final class DemoImages {
  private DemoImages() {}

  /** The image of {@code NAME.c}. */
  static MadeImage make(String name) {
    return ImageMaker.image()
        .program("bin/" + name, StaticProgram.compile(source(name + ".c")))
        .make();
  }

  private static String source(String name) {
    try (InputStream in = Objects.requireNonNull(DemoImages.class.getResourceAsStream(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
