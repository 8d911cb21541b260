package dev.waybill.nativerunner.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Files of one cgroup. Reading is lenient: kernels differ in which files they have, and a cgroup
 * may vanish while it is read; what isn't there counts as 0.
 */
record CgroupFiles(@Nullable String directory) {

  List<String> lines(String file) {
    if (directory == null) {
      return List.of();
    }
    try {
      return Files.readAllLines(Path.of(directory, file));
    } catch (IOException absent) {
      return List.of();
    }
  }

  /** A file that holds one number; {@code max} and absence are 0. */
  long number(String file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? 0 : parse(lines.getFirst().strip());
  }

  /** The number after a key, in a file of lines "key number". */
  long keyed(String file, String key) {
    for (String line : lines(file)) {
      if (line.startsWith(key + " ")) {
        return parse(line.substring(key.length() + 1).strip());
      }
    }
    return 0;
  }

  private static long parse(String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException notANumber) {
      return 0;
    }
  }

  void write(String file, String value) throws IOException {
    if (directory == null) {
      throw new IOException("the host has no cgroup with " + file);
    }
    Files.writeString(Path.of(directory, file), value);
  }
}
