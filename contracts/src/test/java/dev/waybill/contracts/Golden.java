package dev.waybill.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that say what the code makes; {@code -Dgolden.update} writes them anew. */
final class Golden {
  private Golden() {}

  static boolean updating() {
    return System.getProperty("golden.update") != null;
  }

  static void check(Path file, String made) {
    try {
      if (updating()) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, made);
      }
      assertThat(file)
          .as("%s: run with -Dgolden.update, then look at the difference", file)
          .exists();
      assertThat(made)
          .as("%s: run with -Dgolden.update, then look at the difference", file)
          .isEqualTo(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
