package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Other people's programs that speak to registries. */
final class ClientProgram {
  private static final long WITHIN_SECONDS = 60;

  private ClientProgram() {}

  /** How a program ended, and what it said. */
  record Ended(int exit, String output) {
    /** It must have worked. */
    String good() {
      assertThat(exit).as(output).isZero();
      return output;
    }
  }

  static boolean isInstalled(String program) {
    return Stream.of("/usr/bin/", "/usr/sbin/", "/usr/local/bin/")
        .anyMatch(directory -> Files.isExecutable(Path.of(directory + program)));
  }

  static Ended run(String... command) throws Exception {
    return run(Map.of(), command);
  }

  static Ended run(Map<String, String> environment, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(WITHIN_SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
    return new Ended(process.exitValue(), output);
  }
}
