package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;

/** config.md: process. */
final class ProcessCases {
  private static final String AREA = "process";

  private ProcessCases() {}

  static List<Case> all() {
    return List.of(
        of("arguments, environment, working directory", ProcessCases::basics),
        of("a home that is not said is the user's of the image", ProcessCases::home),
        of("a working directory that is missing is made", ProcessCases::cwd),
        of("user, group, further groups, umask", ProcessCases::user),
        of("resource limits", ProcessCases::rlimits),
        of("an unknown or doubled limit is refused", ProcessCases::badRlimits),
        of("the five sets of capabilities", ProcessCases::capabilities),
        of("ambient capabilities survive a change of user", ProcessCases::ambient),
        of("a name that is no capability is an error in 1.0", ProcessCases::badCapability),
        of("and a warning from 1.1 on", ProcessCases::warnedCapability),
        of("no new privileges", ProcessCases::noNewPrivileges),
        of("the out-of-memory score", ProcessCases::oomScore),
        of("the scheduler's policy and nice value", ProcessCases::scheduler),
        of("the priority at block devices", ProcessCases::ioPriority),
        of("processors of an exec", ProcessCases::affinity),
        of("the execution domain", ProcessCases::personality),
        of("descriptors are kept when asked for, and no others", ProcessCases::descriptors),
        of("a terminal has the size that is said", ProcessCases::terminal));
  }

  private static Case of(String name, Case.Check check) {
    return new Case(AREA, name, check);
  }

  private static String status(Trial t, String key) throws Exception {
    t.config().args("grep", key, "/proc/self/status");
    return t.run().text().split(":\\s*", 2)[1];
  }

  private static void basics(Trial t) throws Exception {
    t.config().set("process.env", "[\"PATH=/bin\",\"A=b c\"]").text("process.cwd", "/tmp");
    assertThat(t.shell("echo \"$A\" $(pwd)")).isEqualTo("b c /tmp");
  }

  private static void home(Trial t) throws Exception {
    Files.createDirectories(t.rootfs().resolve("etc"));
    Files.writeString(
        t.rootfs().resolve("etc/passwd"),
        "other:x:1:1::/o:/sh\nbad\nme:x:10:20:a b:/home/me:/bin/sh");
    for (String env : List.of("[\"PATH=/bin\"]", "[\"HOME=\",\"PATH=/bin\"]")) {
      t.config().set("process.env", env).set("process.user", "{\"uid\":10,\"gid\":20}");
      assertThat(t.shell("echo \"$HOME\"")).isEqualTo("/home/me");
      t.config().set("process.user", "{\"uid\":77,\"gid\":20}");
      assertThat(t.shell("echo \"$HOME\"")).isEqualTo("/");
    }
    t.config().set("process.env", "[\"PATH=/bin\",\"HOME=/said\"]");
    assertThat(t.shell("echo \"$HOME\"")).isEqualTo("/said");
  }

  private static void cwd(Trial t) throws Exception {
    t.config().text("process.cwd", "/made/deep");
    assertThat(t.shell("pwd")).isEqualTo("/made/deep");
  }

  private static void user(Trial t) throws Exception {
    t.config()
        .set("process.user", "{\"uid\":10,\"gid\":20,\"umask\":63,\"additionalGids\":[30,40]}");
    assertThat(t.shell("echo $(id -u) $(id -g) $(id -G) $(umask)"))
        .isEqualTo("10 20 20 30 40 0077");
  }

  private static void rlimits(Trial t) throws Exception {
    t.config()
        .set(
            "process.rlimits",
            "[{\"type\":\"RLIMIT_NOFILE\",\"soft\":100,\"hard\":200},"
                + "{\"type\":\"RLIMIT_CORE\",\"soft\":0,\"hard\":0}]");
    assertThat(t.shell("ulimit -Sn; ulimit -Hn; ulimit -Hc")).isEqualTo("100\n200\n0");
  }

  private static void badRlimits(Trial t) throws Exception {
    t.config().set("process.rlimits", "[{\"type\":\"RLIMIT_TEST\",\"soft\":1,\"hard\":1}]");
    t.run().refused("RLIMIT_TEST");
    t.config()
        .set(
            "process.rlimits",
            "[{\"type\":\"RLIMIT_NOFILE\",\"soft\":100,\"hard\":200},"
                + "{\"type\":\"RLIMIT_NOFILE\",\"soft\":100,\"hard\":200}]");
    t.run().refused("");
  }

  private static void capabilities(Trial t) throws Exception {
    t.config()
        .set(
            "process.capabilities",
            "{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],\"permitted\":[\"CAP_CHOWN\",\"CAP_KILL\"],"
                + "\"effective\":[\"CAP_CHOWN\"],\"inheritable\":[\"CAP_KILL\"]}");
    t.config().args("grep", "Cap", "/proc/self/status");
    assertThat(t.run().text().replaceAll("\\s+", " "))
        .isEqualTo(
            "CapInh: 0000000000000020 CapPrm: 0000000000000021 CapEff: 0000000000000021"
                + " CapBnd: 0000000000000021 CapAmb: 0000000000000000");
  }

  private static void ambient(Trial t) throws Exception {
    t.config().capabilities("CAP_KILL").set("process.user", "{\"uid\":9,\"gid\":9}");
    t.config().set("process.capabilities.inheritable", "[\"CAP_KILL\"]");
    t.config().set("process.capabilities.ambient", "[\"CAP_KILL\"]");
    assertThat(status(t, "CapEff")).isEqualTo("0000000000000020");
  }

  private static void badCapability(Trial t) throws Exception {
    t.config().capabilities("CAP_TEST");
    t.run().refused("CAP_TEST");
  }

  private static void warnedCapability(Trial t) throws Exception {
    t.config().text("ociVersion", "1.1.0").capabilities("CAP_KILL", "CAP_TEST");
    assertThat(status(t, "CapBnd")).isEqualTo("0000000000000020");
  }

  private static void noNewPrivileges(Trial t) throws Exception {
    t.config().set("process.noNewPrivileges", "false");
    assertThat(status(t, "NoNewPrivs")).isEqualTo("0");
    t.config().set("process.noNewPrivileges", "true");
    assertThat(status(t, "NoNewPrivs")).isEqualTo("1");
  }

  private static void oomScore(Trial t) throws Exception {
    t.config().set("process.oomScoreAdj", "321");
    assertThat(t.shell("cat /proc/self/oom_score_adj")).isEqualTo("321");
  }

  private static void scheduler(Trial t) throws Exception {
    t.config().set("process.scheduler", "{\"policy\":\"SCHED_BATCH\",\"nice\":5}");
    // Fields 19 and 41 of the process's own line: nice value and policy; 3 is SCHED_BATCH.
    assertThat(t.shell("cut -d' ' -f19,41 /proc/self/stat")).isEqualTo("5 3");
  }

  private static void ioPriority(Trial t) throws Exception {
    t.config().set("process.ioPriority", "{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":6}");
    assertThat(t.shell("ionice -p $$")).contains("prio 6");
  }

  private static void affinity(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    java.nio.file.Path process = t.dir().resolve("process.json");
    java.nio.file.Files.writeString(
        process,
        "{\"args\":[\"grep\",\"Cpus_allowed_list\",\"/proc/self/status\"],\"cwd\":\"/\","
            + "\"env\":[\"PATH=/bin\"],\"execCPUAffinity\":{\"initial\":\"0\",\"final\":\"0\"}}");
    assertThat(t.command("exec", "--process", process.toString(), t.id()).text()).endsWith("\t0");
  }

  private static void personality(Trial t) throws Exception {
    t.config().set("linux.personality", "{\"domain\":\"LINUX32\"}");
    assertThat(t.shell("uname -m")).isNotEqualTo("x86_64").matches("i[3-6]86|armv.*");
  }

  private static void descriptors(Trial t) throws Exception {
    t.config().shell("ls /proc/self/fd; cat <&3").write(t.dir());
    String command =
        String.join(
                " ",
                t.peer().command(t.dir().resolve("state")).stream()
                    .map(word -> "'" + word.replace("'", "'\\''") + "'")
                    .toList())
            + " run --preserve-fds 1 --bundle "
            + t.dir()
            + " "
            + t.id();
    for (var variable : t.peer().environment().entrySet()) {
      command = variable.getKey() + "='" + variable.getValue() + "' " + command;
    }
    String said =
        Shell.run(
            "echo kept > "
                + t.dir()
                + "/kept; exec 7</etc/passwd; "
                + command
                + " 3<"
                + t.dir()
                + "/kept");
    // 0, 1, 2, the one that is kept, and the directory that ls reads.
    assertThat(said.lines().toList()).containsExactly("0", "1", "2", "3", "4", "kept");
  }

  private static void terminal(Trial t) throws Exception {
    t.config()
        .set("process.terminal", "true")
        .set("process.consoleSize", "{\"height\":33,\"width\":111}")
        .args("sh", "-c", "test -t 0 && test -t 1 && test -c /dev/console && echo yes");
    assertThat(t.run().text()).isEqualTo("yes");
  }
}
