package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engines that people have drive the command line: scripts under {@code scenarios/}. */
class ScenarioTest {
  private static final int SKIPPED = 77;
  private static final int TIMEOUT_SECONDS = 420;
  private static RunnerFixture runner;

  @BeforeAll
  static void start() throws IOException {
    runner = new RunnerFixture();
  }

  @AfterAll
  static void stop() throws IOException {
    runner.close();
  }

  @ParameterizedTest
  @Timeout(450)
  @ValueSource(strings = {"podman", "containerd", "docker", "systemd", "machine"})
  void it_takes_its_place_beside(String engine) throws Exception {
    File output = Files.createTempFile(runner.dir(), engine, ".out").toFile();
    ProcessBuilder builder =
        new ProcessBuilder("sh", "scenarios/" + engine + ".sh")
            .redirectErrorStream(true)
            .redirectOutput(output);
    builder
        .environment()
        .put("WAYBILL_RUNTIME", Path.of("bin/waybill-runner").toAbsolutePath().toString());
    builder.environment().put("WAYBILL_RUNNER_CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder
        .environment()
        .put("WAYBILL_RUNNER_COMPILER", runner.dir().resolve("r/compiler.sock").toString());
    Process process = builder.start();

    assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("ends in time").isTrue();
    String said = Files.readString(output.toPath());
    Assumptions.assumeFalse(process.exitValue() == SKIPPED, said.strip());
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said.lines().filter(line -> line.startsWith("ok ")).count()).isGreaterThan(10);
  }
}
