package dev.waybill.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory that was used before. On a virtual machine the first use of a page costs several times as
 * much as any later one, because its host has to find it: whoever writes files into a page cache of
 * new pages is measured with that. So much is used once that what one round needs comes from it.
 */
final class UsedPages {
  private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");
  private static final long BYTES = 8L << 30;

  private UsedPages() {}

  /** Uses pages, and gives them back; half of what is available at most. */
  static UsedPages make() throws IOException {
    long available = 0;
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemAvailable:")) {
        available = Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      // Zeroed, so each page is written to.
      arena.allocate(Math.min(BYTES, available / 2));
    }
    return new UsedPages();
  }

  /** What earlier rounds left in the kernel's caches goes, so that its pages come next. */
  void recycle() throws IOException, InterruptedException {
    Programs.time(List.of("sync"));
    Files.writeString(DROP_CACHES, "3");
  }
}
