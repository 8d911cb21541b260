package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** runtime.md: operations and states. */
final class LifecycleCases {
  private static final String AREA = "lifecycle";

  private LifecycleCases() {}

  static List<Case> all() {
    return List.of(
        of("created, running, stopped, gone", LifecycleCases::life),
        of("state has id, bundle, pid, status, version, annotations", LifecycleCases::state),
        of("a second container of the same id is refused", LifecycleCases::duplicate),
        of("what does not exist is refused", LifecycleCases::absent),
        of("only a created container can be started", LifecycleCases::startTwice),
        of("a running container is not deleted", LifecycleCases::deleteRunning),
        of(
            "delete --force of nothing succeeds",
            t -> t.command("delete", "--force", "no").succeeded()),
        of("a created container can be killed", LifecycleCases::killCreated),
        of("a created container ends by the signals that end programs", LifecycleCases::endCreated),
        of("signals have names with and without SIG, and numbers", LifecycleCases::signalNames),
        of("a stopped container cannot be killed", LifecycleCases::killStopped),
        of("a signal reaches the process", LifecycleCases::signal),
        of("the pid file holds the process", LifecycleCases::pidFile),
        of("without a process only start fails", LifecycleCases::noProcess),
        of("unknown members are ignored", LifecycleCases::unknownMember),
        of("a member of the wrong type is refused", LifecycleCases::wrongType),
        of("run passes the exit code on", LifecycleCases::exitCode),
        of("a missing program is an error", LifecycleCases::missing),
        of("pause stops and resume continues", LifecycleCases::pause),
        of("list and ps know the container", LifecycleCases::listing),
        of("exec has its own code, user, directory, environment", LifecycleCases::exec),
        of("exec with a process document", LifecycleCases::execProcess),
        of("exec gets capabilities that are asked for", LifecycleCases::execCap),
        of("events tell what is used", LifecycleCases::events),
        of("update changes the limits of a live container", LifecycleCases::update),
        of("features is a document", LifecycleCases::features),
        of("spec writes a configuration", LifecycleCases::spec),
        of("errors go to the log as JSON", LifecycleCases::log),
        of("a checkpoint works or says why it cannot", LifecycleCases::checkpoint));
  }

  private static Case of(String name, Case.Check check) {
    return new Case(AREA, name, check);
  }

  private static void life(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.create().succeeded();
    assertThat(t.status()).isEqualTo("created");
    t.start().succeeded();
    assertThat(t.status()).isEqualTo("running");
    t.command("kill", t.id(), "KILL").succeeded();
    t.await("stopped");
    t.command("delete", t.id()).succeeded();
    t.command("state", t.id()).refused("does not exist");
  }

  private static void state(Trial t) throws Exception {
    t.config().args("sleep", "1000").set("annotations", "{\"a.b\":\"c d\"}");
    t.launch();
    assertThat(t.state().path("id").asText()).isEqualTo(t.id());
    assertThat(t.state().path("bundle").asText()).isEqualTo(t.dir().toString());
    assertThat(Path.of("/proc", t.state().path("pid").asText())).exists();
    assertThat(t.state().path("ociVersion").asText()).startsWith("1.");
    assertThat(t.state().path("annotations").path("a.b").asText()).isEqualTo("c d");
  }

  private static void duplicate(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.create().succeeded();
    t.create().refused("exist");
    assertThat(t.status()).isEqualTo("created");
  }

  private static void absent(Trial t) throws Exception {
    for (String verb : List.of("state", "start", "delete", "pause", "resume")) {
      t.command(verb, "nobody").refused("");
    }
    t.command("kill", "nobody", "KILL").refused("");
    t.command("state").refused("");
  }

  private static void startTwice(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    t.start().refused("");
    assertThat(t.status()).isEqualTo("running");
    t.command("kill", t.id(), "KILL").succeeded();
    t.await("stopped");
    t.start().refused("");
  }

  private static void deleteRunning(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    t.command("delete", t.id()).refused("");
    assertThat(t.status()).isEqualTo("running");
    t.command("delete", "--force", t.id()).succeeded();
    t.command("state", t.id()).refused("");
  }

  private static void killCreated(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.create().succeeded();
    t.command("kill", t.id(), "KILL").succeeded();
    t.await("stopped");
  }

  private static void endCreated(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.create().succeeded();
    t.command("kill", t.id()).succeeded();
    t.await("stopped");
    t.command("delete", t.id()).succeeded();
  }

  private static void signalNames(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    for (String name : List.of("SIGCONT", "CONT", "cont", "sigcont", "18")) {
      t.command("kill", t.id(), name).succeeded();
    }
    t.command("kill", t.id(), "SIGNO").refused("signal");
    assertThat(t.status()).isEqualTo("running");
  }

  private static void killStopped(Trial t) throws Exception {
    t.launch();
    t.await("stopped");
    t.command("kill", t.id(), "KILL").refused("not running");
  }

  private static void signal(Trial t) throws Exception {
    Path said = t.rootfs().resolve("said");
    t.config()
        .shell("trap 'echo got > /said; exit' USR1; echo > /ready; while :; do sleep 0.02; done");
    t.launch();
    t.file(t.rootfs().resolve("ready"));
    t.command("kill", t.id(), "USR1").succeeded();
    assertThat(t.file(said)).isEqualTo("got");
  }

  private static void pidFile(Trial t) throws Exception {
    Path file = t.dir().resolve("pid");
    t.config().args("sleep", "1000").write(t.dir());
    t.command("create", "--bundle", t.dir().toString(), "--pid-file", file.toString(), t.id())
        .succeeded();
    assertThat(Files.readString(file)).isEqualTo(t.state().path("pid").asText());
  }

  private static void noProcess(Trial t) throws Exception {
    t.config().remove("process");
    t.create().succeeded();
    t.start().refused("");
  }

  private static void unknownMember(Trial t) throws Exception {
    t.config().set("unknown", "{\"deep\":[1,2]}").set("linux.unknown", "true");
    t.run().succeeded();
  }

  private static void wrongType(Trial t) throws Exception {
    t.config().set("process.args", "\"true\"");
    t.run().refused("");
    t.command("state", t.id()).refused("");
  }

  private static void exitCode(Trial t) throws Exception {
    t.config().shell("echo out; echo err >&2; exit 7");
    assertThat(t.run()).isEqualTo(new Trial.Result(7, "out\n", "err\n"));
  }

  private static void missing(Trial t) throws Exception {
    t.config().args("nosuch");
    t.run().refused("executable file");
    t.command("state", t.id()).refused("");
  }

  private static void pause(Trial t) throws Exception {
    t.config().shell("while :; do echo x >> /ticks; sleep 0.02; done");
    t.launch();
    t.file(t.rootfs().resolve("ticks"));
    t.command("pause", t.id()).succeeded();
    assertThat(t.status()).isEqualTo("paused");
    long size = Files.size(t.rootfs().resolve("ticks"));
    Thread.sleep(150);
    assertThat(Files.size(t.rootfs().resolve("ticks"))).isEqualTo(size);
    t.command("resume", t.id()).succeeded();
    assertThat(t.status()).isEqualTo("running");
  }

  private static void listing(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    String pid = t.state().path("pid").asText();
    assertThat(t.command("list", "-q").text()).contains(t.id());
    assertThat(t.command("list", "--format", "json").text()).contains("\"id\":\"" + t.id());
    assertThat(t.command("list").text()).contains(t.id()).contains(pid).contains("running");
    assertThat(
            t.command("ps", "--format", "json", t.id()).text().replace(" ", "").replace("\n", ""))
        .isEqualTo("[" + pid + "]");
    assertThat(t.command("ps", t.id()).text()).contains("sleep 1000");
  }

  private static void exec(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    Trial.Result result =
        t.command(
            "exec",
            "--cwd",
            "/tmp",
            "--env",
            "X=1",
            "--user",
            "5:6",
            t.id(),
            "sh",
            "-c",
            "echo $(pwd) $X $(id -u) $(id -g); exit 3");
    assertThat(result).isEqualTo(new Trial.Result(3, "/tmp 1 5 6\n", ""));
    t.command("exec", t.id(), "nosuch").refused("executable file not found");
    assertThat(t.command("exec", t.id(), "hostname").text()).isEqualTo("box");
  }

  private static void execProcess(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    Path process = t.dir().resolve("process.json");
    Files.writeString(
        process,
        "{\"args\":[\"sh\",\"-c\",\"echo $A $(umask)\"],\"cwd\":\"/\",\"env\":[\"PATH=/bin\",\"A=b\"],"
            + "\"user\":{\"uid\":0,\"gid\":0,\"umask\":7}}");
    assertThat(t.command("exec", "--process", process.toString(), t.id()).text())
        .isEqualTo("b 0007");
  }

  private static void execCap(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    String caps =
        t.command("exec", "--cap", "CAP_SYS_CHROOT", t.id(), "grep", "CapEff", "/proc/self/status")
            .text();
    assertThat(Long.parseLong(caps.split("\\s+")[1], 16) >> 18 & 1).isEqualTo(1);
  }

  private static void events(Trial t) throws Exception {
    t.config().args("sleep", "1000").set("linux.resources.pids", "{\"limit\":50}");
    t.launch();
    assertThat(t.command("events", "--stats", t.id()).text())
        .contains("\"type\":\"stats\"")
        .contains("\"limit\":50");
  }

  private static void update(Trial t) throws Exception {
    t.config().args("sleep", "1000").set("linux.resources.memory", "{\"limit\":67108864}");
    t.launch();
    String path = Cgroups.of(t, "pids");
    t.command("update", "--pids-limit", "77", t.id()).succeeded();
    assertThat(Shell.run("cat " + path + "/pids.max")).isEqualTo("77");
    t.commandWithInput(
            "{\"pids\":{\"limit\":88},\"cpu\":{\"shares\":512}}", "update", "-r", "-", t.id())
        .succeeded();
    assertThat(Shell.run("cat " + path + "/pids.max")).isEqualTo("88");
    t.command("update", "--memory", "134217728", t.id()).succeeded();
    assertThat(Shell.run("cat " + Cgroups.of(t, "memory") + "/memory.limit_in_bytes"))
        .isEqualTo("134217728");
    t.command("update", "--l3-cache-schema", "L3:0=f", t.id()).refused("");
  }

  private static void features(Trial t) throws Exception {
    assertThat(t.command("features").text()).contains("ociVersionMax").contains("SCMP_ACT_NOTIFY");
  }

  private static void spec(Trial t) throws Exception {
    Path bundle = Files.createDirectories(t.dir().resolve("new"));
    t.command("spec", "--bundle", bundle.toString()).succeeded();
    assertThat(bundle.resolve("config.json")).content().contains("ociVersion");
    t.command("spec", "--bundle", bundle.toString()).refused("exist");
  }

  private static void log(Trial t) throws Exception {
    Path log = t.dir().resolve("log.json");
    t.command("--log", log.toString(), "--log-format", "json", "state", "nobody").refused("");
    assertThat(log).content().contains("\"level\":\"error\"").contains("\"msg\":\"");
  }

  private static void checkpoint(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    Path image = t.dir().resolve("image");
    Trial.Result result = t.command("checkpoint", "--image-path", image.toString(), t.id());
    if (result.code() == 0) {
      t.await("stopped");
    } else {
      assertThat(result.err()).contains("criu");
      assertThat(t.status()).isEqualTo("running");
    }
  }
}
