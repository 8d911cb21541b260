package dev.waybill.nativerunner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.oci.runtime.SpecCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The decoder meets changed plans under the address and undefined-behaviour sanitizers. {@code
 * -Dfuzz.seconds=600} looks longer, {@code -Dfuzz.seed=N} elsewhere, and {@code -Dfuzz.corpus=DIR}
 * leaves the unchanged plans there; {@code src/test/c/fuzz-decoder} begins with them.
 */
class DecoderFuzzTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @TempDir Path dir;

  private record Ended(int code, String said) {}

  private static Ended run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes()).strip();
    return new Ended(process.waitFor(), said);
  }

  private List<String> seeds() throws Exception {
    List<String> files = new ArrayList<>();
    try (var configs = Files.newDirectoryStream(GOLDEN, "*.json")) {
      for (Path config : configs) {
        String name = config.getFileName().toString().replace(".json", "");
        Launch launch =
            new Launch(
                "c1",
                "/bundle",
                "/run/c1",
                new Launch.Stdio.Inherited(0),
                SpecCodec.readSpec(Files.readAllBytes(config)));
        String cgroups = name.substring(name.lastIndexOf('-') + 1);
        Path file = Path.of(System.getProperty("fuzz.corpus", dir.toString())).resolve(name);
        Files.write(file, Compiler.compile(launch, GoldenPlanTest.facts(cgroups)).encode());
        files.add(file.toString());
      }
    }
    return files;
  }

  @Test
  @Timeout(700)
  void nothing_that_is_decoded_reaches_beyond_its_bytes() throws Exception {
    String program = dir.resolve("fuzz_plan").toString();
    Ended built =
        run(
            List.of(
                "cc",
                "-std=gnu17",
                "-D_GNU_SOURCE",
                "-O1",
                "-g",
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
                "-o",
                program,
                "src/test/c/fuzz_plan.c",
                "src/main/c/plan.c"));
    Assumptions.assumeTrue(built.code() == 0, "skipped: no sanitizers: " + built.said());
    List<String> command =
        new ArrayList<>(
            List.of(
                program,
                System.getProperty("fuzz.seconds", "3"),
                System.getProperty("fuzz.seed", "1")));
    command.addAll(seeds());

    Ended ended = run(command);

    assertThat(ended.code()).as(ended.said()).isZero();
    assertThat(Long.parseLong(ended.said().split(" ")[0])).isGreaterThan(10_000);
  }
}
