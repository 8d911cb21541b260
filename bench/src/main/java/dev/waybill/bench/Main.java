package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code ./waybill bench [NAME...]} */
public final class Main {
  private static final List<String> NAMES =
      List.of(
          "start",
          "engine",
          "runtime",
          "exec",
          "rate",
          "memory",
          "boot",
          "pull",
          "registry",
          "large");

  private Main() {}

  /** Arguments: the repository's directory, then names; all benchmarks where none is named. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path home = Path.of(arguments[0]);
    List<String> names =
        arguments.length == 1 ? NAMES : List.of(arguments).subList(1, arguments.length);
    for (String name : names) {
      if (!NAMES.contains(name)) {
        System.err.println(
            "waybill bench: no benchmark '" + name + "', there are " + String.join(", ", NAMES));
        System.exit(2);
      }
    }
    for (String name : names) {
      run(home, name).write(home.resolve("bench/results"));
    }
  }

  private static Result run(Path home, String name) throws IOException, InterruptedException {
    return switch (name) {
      case "runtime" -> RuntimeBench.runs(home);
      case "exec" -> RuntimeBench.execs(home);
      case "rate" -> RuntimeBench.rate(home);
      case "boot" -> BootBench.run(home);
      case "pull" -> PullBench.run(home);
      case "registry" -> RegistryBench.run(home);
      case "large" -> LargeLayerBench.run(home);
      default -> {
        try (BenchPlatform platform = BenchPlatform.start(home)) {
          yield switch (name) {
            case "start" -> StartBench.run(platform);
            case "engine" -> EngineBench.run(home, platform);
            default -> MemoryBench.run(platform);
          };
        }
      }
    };
  }
}
