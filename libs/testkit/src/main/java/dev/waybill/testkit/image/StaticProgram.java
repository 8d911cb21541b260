package dev.waybill.testkit.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compiles C into a program that needs no library, so that an image of it alone runs. */
public final class StaticProgram {
  private StaticProgram() {}

  /**
   * The executable that {@code gcc} makes of this source.
   *
   * @throws IllegalStateException with the compiler's words if it won't
   */
  public static byte[] compile(String source) {
    try {
      Path dir = Files.createTempDirectory("waybill-cc-");
      Path input = dir.resolve("main.c");
      Path output = dir.resolve("main");
      Path log = dir.resolve("log");
      try {
        Files.writeString(input, source);
        int status =
            new ProcessBuilder("gcc", "-static", "-Os", "-s", "-o", output.toString(), "" + input)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (status != 0) {
          throw new IllegalStateException(
              "gcc says: " + Files.readString(log, StandardCharsets.UTF_8));
        }
        return Files.readAllBytes(output);
      } finally {
        for (Path file : new Path[] {input, output, log, dir}) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no static program, is gcc with libc6-dev installed?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while compiling", e);
    }
  }
}
