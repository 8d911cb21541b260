package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The OCI command line, with a warm service and without. */
class CommandLineTest {
  private static RunnerFixture runner;
  private static Path root;

  @BeforeAll
  static void start() throws IOException {
    runner = new RunnerFixture();
    root = runner.dir().resolve("cli");
  }

  @AfterAll
  static void stop() throws IOException {
    runner.close();
  }

  /** What a command said and how it ended. */
  private record Result(int code, String out, String err) {}

  private static Result command(String compiler, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("bin/waybill-runner", "--root", root.toString()));
    command.addAll(List.of(words));
    // Files, not pipes: a container keeps its stdio longer than `create` lives.
    Path out = Files.createTempFile(runner.dir(), "out", "");
    Path err = Files.createTempFile(runner.dir(), "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("WAYBILL_RUNNER_COMPILER", compiler);
    builder.environment().put("WAYBILL_RUNNER_CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    try {
      int code = process.waitFor();
      return new Result(code, Files.readString(out), Files.readString(err));
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static Result cli(String... words) throws IOException {
    return command(runner.dir().resolve("r/compiler.sock").toString(), words);
  }

  private static String bundle(String name, String... words) throws IOException {
    return runner.bundle("bundle-" + name).guest(words).write();
  }

  @Test
  void run_passes_output_and_exit_code_on_and_leaves_nothing() throws IOException {
    Result result = cli("run", "-b", bundle("run", "both"), "run");

    assertThat(result).isEqualTo(new Result(5, "out\n", "err\n"));
    assertThat(root.resolve("run")).doesNotExist();
    assertThat(Path.of("/sys/fs/cgroup/pids/waybill/run")).doesNotExist();
  }

  @Test
  void a_container_goes_through_its_life() throws IOException {
    Path pidFile = runner.dir().resolve("life.pid");
    String bundle = bundle("life", "sleep", "600");

    assertThat(cli("create", "-b", bundle, "--pid-file", pidFile.toString(), "life").err())
        .isEmpty();
    String pid = Files.readString(pidFile);
    assertThat(cli("state", "life").out())
        .contains("\"status\":\"created\"")
        .contains("\"pid\":" + pid)
        .contains("\"bundle\":\"" + bundle + "\"");
    assertThat(cli("start", "life").code()).isZero();
    assertThat(cli("state", "life").out()).contains("\"status\":\"running\"");
    assertThat(cli("ps", "-f", "json", "life").out().strip()).isEqualTo("[" + pid + "]");
    assertThat(cli("list", "-q").out()).contains("life");
    assertThat(cli("exec", "life", "/bin/guest", "host").out()).isEqualTo("box\n");
    assertThat(cli("exec", "-e", "X=1", "--cwd", "/tmp", "life", "guest", "env", "X").out())
        .isEqualTo("1\n");
    assertThat(cli("exec", "life", "nosuch").code()).isEqualTo(127);
    cli("pause", "life");
    assertThat(cli("state", "life").out()).contains("\"status\":\"paused\"");
    cli("resume", "life");
    assertThat(cli("delete", "life").err()).contains("not stopped: running");
    assertThat(cli("kill", "life", "KILL").code()).isZero();
    assertThat(cli("delete", "--force", "life").code()).isZero();
    assertThat(cli("delete", "--force", "life").code()).isZero();
    assertThat(cli("delete", "life").err()).contains("does not exist");
  }

  @Test
  void it_works_without_a_service() throws IOException {
    Result result =
        command(
            runner.dir().resolve("nowhere.sock").toString(),
            "run",
            "-b",
            bundle("cold", "echo", "cold"),
            "cold");

    assertThat(result).isEqualTo(new Result(0, "cold\n", ""));
  }

  @Test
  void a_parent_that_was_made_goes_with_the_last_container() throws IOException {
    for (String name : List.of("one", "two")) {
      String made =
          runner
              .bundle("bundle-" + name)
              .guest("sleep", "600")
              .linux("\"cgroupsPath\":\"/wb-parent/deep/" + name + "\"")
              .write();
      assertThat(cli("create", "-b", made, name)).isEqualTo(new Result(0, "", ""));
    }
    for (String name : List.of("one", "two")) {
      assertThat(Path.of("/sys/fs/cgroup/pids/wb-parent/deep", name)).isDirectory();
      assertThat(cli("delete", "--force", name).code()).isZero();
    }
    assertThat(Path.of("/sys/fs/cgroup/pids/wb-parent")).doesNotExist();
    assertThat(Path.of("/sys/fs/cgroup/freezer/wb-parent")).doesNotExist();
  }

  @Test
  void the_plan_is_printed_with_the_origin_of_each_operation() throws IOException {
    String bundle = bundle("plan", "true");

    assertThat(cli("plan", "-b", bundle).out())
        .contains("<- mounts[2]")
        .contains("<- linux.maskedPaths[0]")
        .contains("digest: sha256:");
    assertThat(cli("plan", "--json", "-b", bundle).out())
        .startsWith("{\"digest\":\"sha256:")
        .contains("\"origin\":\"process.args\"");
  }

  @Test
  void two_plans_are_compared_by_what_is_done_otherwise() throws IOException {
    String bundle = bundle("first", "true");
    String other =
        runner.bundle("bundle-second").guest("true").process("\"oomScoreAdj\":5").write();

    assertThat(cli("plan", "-b", bundle, "--diff", bundle).out()).startsWith("same plan sha256:");
    assertThat(cli("plan", "-b", bundle, "--diff", other).out())
        .contains("+ parent  oom_score value=5   <- process.oomScoreAdj")
        .contains("- container  root_bind source=" + bundle);
  }

  @Test
  void systemd_is_not_pretended() throws IOException {
    Result result = cli("--systemd-cgroup", "run", "-b", bundle("systemd", "true"), "systemd");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("--systemd-cgroup").contains("leave the option out");
  }

  @Test
  void a_root_with_a_long_path_is_no_trouble_for_sockets() throws IOException {
    String id = "l".repeat(120);
    String bundle = bundle("long", "sleep", "600");

    assertThat(cli("create", "-b", bundle, id).err()).isEmpty();
    assertThat(cli("start", id).code()).isZero();
    assertThat(cli("state", id).out()).contains("\"status\":\"running\"");
    assertThat(cli("delete", "--force", id).code()).isZero();
  }

  @Test
  void spec_prints_a_configuration_that_can_be_planned() throws IOException {
    Path bundle = Files.createDirectories(runner.dir().resolve("spec"));

    assertThat(cli("spec", "-b", bundle.toString()).err()).isEmpty();
    assertThat(cli("spec", "-b", bundle.toString()).err()).contains("config.json exists");
    assertThat(cli("plan", "-b", bundle.toString()).code()).isZero();
    assertThat(cli("features").out()).contains("\"ociVersionMax\":\"1.3.0\"");
  }

  @Test
  void errors_go_to_stderr_and_to_the_log_as_json() throws IOException {
    Path log = runner.dir().resolve("runtime.log");
    Result result =
        cli(
            "--log",
            log.toString(),
            "--log-format",
            "json",
            "run",
            "-b",
            bundle("bad", "true") + "-missing",
            "bad");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("no such file");
    assertThat(Files.readString(log)).startsWith("{\"level\":\"error\",\"msg\":\"no such file");
  }

  @Test
  void a_program_that_is_missing_is_told_as_runc_tells_it() throws IOException {
    String bundle = runner.bundle("bundle-nosuch").args("nosuch").write();

    Result result = cli("run", "-b", bundle, "nosuch");

    assertThat(result.code()).isEqualTo(127);
    assertThat(result.err()).contains("executable file not found in $PATH");
    assertThat(root.resolve("nosuch")).doesNotExist();
  }

  @Test
  void a_failed_operation_says_call_errno_and_config_path() throws IOException {
    String bundle =
        runner
            .bundle("bundle-fail")
            .mount(
                "{\"destination\":\"/x\",\"type\":\"bind\",\"source\":\"/nosuch\",\"options\":[\"bind\"]}")
            .write();

    assertThat(cli("run", "-b", bundle, "fail").err())
        .contains("bind source=/nosuch")
        .contains("(mounts[6]): ENOENT");
  }
}
