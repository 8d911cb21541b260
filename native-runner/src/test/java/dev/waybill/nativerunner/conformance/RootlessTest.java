package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A user's own warm compiler, and where that user's containers are kept unless said otherwise. */
class RootlessTest {
  private Path dir;
  private Installation installed;

  @BeforeEach
  void install() throws IOException {
    Assumptions.assumeTrue(Busybox.isInstalled(), "skipped: busybox-static is not installed");
    dir = Files.createTempDirectory("wbr");
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    installed = Installation.in(dir);
  }

  @AfterEach
  void remove() throws IOException {
    if (dir != null) {
      Shell.run("rm -rf " + dir);
    }
  }

  /** The program with this classpath; what is no classpath leaves only a warm compiler. */
  private Peer peer(String classpath, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("WAYBILL_RUNNER_CLASSPATH", classpath);
    String program = installed.program().toString();
    return new Peer("own", List.of(program), environment, program);
  }

  private static Process start(Peer peer, Path home) throws IOException {
    List<String> command = peer.rootlessCommand(home);
    command.add("compiler");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(peer.environment());
    return builder.start();
  }

  @Test
  void a_users_own_compiler_answers_that_user_only() throws Exception {
    Path home = Files.createDirectory(dir.resolve("own"));
    try (Trial trial = new Trial(peer("/nowhere", Map.of()), home, "own")) {
      trial.becomeRootless();
      trial.keepStateAtHome();
      Process compiler = start(peer(installed.classpath(), Map.of()), home);
      try {
        Path state = home.resolve("run/waybill-runner");
        assertThat(compiler.inputReader().readLine())
            .isEqualTo("ready " + state + "/compiler.sock");
        trial.config().userSpace(RootlessCases.ONE_ID, RootlessCases.ONE_ID);
        trial.config().args("sleep", "1000");
        trial.launch();
        assertThat(state.resolve("own")).isDirectory();
        trial.command("delete", "--force", "own").succeeded();

        String socket = state.resolve("compiler.sock").toString();
        Peer root = peer("/nowhere", Map.of("WAYBILL_RUNNER_COMPILER", socket));
        Path other = Files.createDirectory(dir.resolve("other"));
        try (Trial byRoot = new Trial(root, other, "other")) {
          byRoot.run().refused("compiler");
        }
      } finally {
        compiler.descendants().forEach(ProcessHandle::destroy);
        compiler.destroy();
        compiler.waitFor();
      }
    }
  }
}
