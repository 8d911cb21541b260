package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.contracts.runner.v1.StartRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Hooks of containers that the service makes; the command line's are conformance cases. */
class HookTest {
  private static RunnerFixture runner;

  @BeforeAll
  static void start() throws IOException {
    runner = new RunnerFixture();
  }

  @AfterAll
  static void stop() throws IOException {
    runner.close();
  }

  private static String hook(String moment, String line) {
    return "\"%s\":[{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"%s\"]}]"
        .formatted(moment, line);
  }

  @Test
  void each_is_run_at_its_moment_even_when_the_bundle_is_gone_at_the_end() throws IOException {
    Path log = runner.dir().resolve("moments");
    TestBundle bundle =
        runner
            .bundle("moments-bundle")
            .top(
                "\"hooks\":{%s,%s,%s}"
                    .formatted(
                        hook("createRuntime", "echo created >> " + log),
                        hook("poststart", "echo started >> " + log),
                        hook("poststop", "echo stopped >> " + log)));

    runner.create("moments", bundle.guest("sleep", "600"));
    List<String> afterCreate = Files.readAllLines(log);
    runner.api().start(StartRequest.newBuilder().setId("moments").build());
    List<String> afterStart = Files.readAllLines(log);
    Files.delete(bundle.dir().resolve("config.json"));
    runner.delete("moments");

    assertThat(afterCreate).containsExactly("created");
    assertThat(afterStart).containsExactly("created", "started");
    assertThat(Files.readAllLines(log)).containsExactly("created", "started", "stopped");
  }

  @Test
  void one_that_fails_ends_the_creation_and_is_quoted() throws IOException {
    TestBundle bundle =
        runner
            .bundle("failing-bundle")
            .top("\"hooks\":{%s}".formatted(hook("createRuntime", "echo no network >&2; exit 3")));

    assertThatThrownBy(() -> runner.create("failing", bundle.guest("true")))
        .hasMessageContaining("hooks.createRuntime[0]")
        .hasMessageContaining("exit status 3 no network");
    assertThat(runner.dir().resolve("r/failing")).doesNotExist();
  }
}
