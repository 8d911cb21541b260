package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code boot}: from {@code up} to ready, on kept data; the first start on empty data beside it.
 */
final class BootBench {
  private static final int RUNS = 5;

  private BootBench() {}

  static Result run(Path home) throws IOException, InterruptedException {
    var result = new Result("boot", "ms");
    Path data = Files.createTempDirectory("waybill-bench");
    try {
      result.extra().put("firstStart", Samples.rounded(BenchPlatform.up(home, data)));
      for (int i = 0; i < RUNS; i++) {
        down(home, data);
        result.ours().add(BenchPlatform.up(home, data));
      }
    } finally {
      down(home, data);
      BenchPlatform.delete(data);
    }
    return result;
  }

  private static void down(Path home, Path data) throws IOException, InterruptedException {
    Programs.time(List.of(home.resolve("waybill").toString(), "down", "--data", data.toString()));
  }
}
