package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** config-linux.md: seccomp, labels; and what no image may do. */
final class SecurityCases {
  private static final String AREA = "security";

  private SecurityCases() {}

  static List<Case> all() {
    return List.of(
        of("seccomp: an error for a call", SecurityCases::errno),
        of("seccomp: the end for a call", SecurityCases::kill),
        of("seccomp: a comparison of arguments", SecurityCases::arguments),
        of("seccomp: a list of what is allowed", SecurityCases::allowList),
        of("seccomp: calls of 32 bits are filtered where named", SecurityCases::narrow),
        of("seccomp: an architecture not named gets nothing", SecurityCases::unnamedArchitecture),
        of("seccomp: an unknown action is refused", SecurityCases::unknownAction),
        of("seccomp: a listener gets the descriptor and the state", SecurityCases::listener),
        of("an AppArmor profile is enforced, or refused by name", SecurityCases::apparmor),
        of("an SELinux label is enforced, or refused by name", SecurityCases::selinux),
        of("Intel RDT is refused by name where the host has none", SecurityCases::rdt),
        of("the runtime's program cannot be overwritten", SecurityCases::overwrite),
        of("no directory of the host is left open", SecurityCases::leak),
        of("a working directory by a descriptor is refused", SecurityCases::workingDirectory),
        of("masked and read-only paths hold against a new mount", SecurityCases::remount));
  }

  private static Case of(String name, Case.Check check) {
    return new Case(AREA, name, check);
  }

  private static String rule(String call, String action) {
    return "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"],"
        + "\"syscalls\":[{\"names\":[\"%s\"],\"action\":\"%s\"}]}".formatted(call, action);
  }

  private static void errno(Trial t) throws Exception {
    t.config().set("linux.seccomp", rule("mkdir", "SCMP_ACT_ERRNO"));
    assertThat(t.shell("mkdir /x 2>&1 || true")).contains("not permitted");
  }

  private static void kill(Trial t) throws Exception {
    t.config().set("linux.seccomp", rule("mkdir", "SCMP_ACT_KILL_PROCESS"));
    // The shell tells how its child ended: 128 and SIGSYS.
    assertThat(t.shell("mkdir /x 2>/dev/null; echo $?")).endsWith("159");
  }

  private static void arguments(Trial t) throws Exception {
    t.config()
        .set(
            "linux.seccomp",
            "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"kill\"],"
                + "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":22,"
                + "\"args\":[{\"index\":1,\"value\":10,\"op\":\"SCMP_CMP_EQ\"}]}]}");
    assertThat(t.shell("trap 'echo usr2' USR2; kill -USR2 $$; kill -USR1 $$ 2>&1; true"))
        .contains("usr2")
        .contains("nvalid argument");
  }

  private static void allowList(Trial t) throws Exception {
    t.config()
        .set(
            "linux.seccomp",
            "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":[{"
                + "\"names\":[\"execve\",\"brk\",\"exit_group\",\"write\",\"arch_prctl\",\"set_tid_address\","
                + "\"mprotect\",\"readlink\",\"set_robust_list\",\"rseq\",\"prlimit64\",\"getrandom\",\"fstat\","
                + "\"newfstatat\",\"ioctl\",\"futex\",\"mmap\",\"munmap\",\"rt_sigaction\",\"getuid\",\"setuid\",\"close\",\"prctl\",\"close_range\",\"sendmsg\",\"fcntl\",\"read\",\"openat\",\"capset\",\"setgid\",\"setgroups\",\"capget\",\"epoll_pwait\",\"epoll_ctl\",\"nanosleep\",\"sigaltstack\",\"tgkill\",\"gettid\",\"getpid\",\"getppid\",\"clone\",\"rt_sigprocmask\",\"rt_sigreturn\",\"chdir\",\"stat\",\"lstat\",\"getgid\",\"getegid\",\"geteuid\",\"faccessat2\",\"faccessat\",\"access\",\"fstatfs\",\"statx\",\"setresuid\",\"setresgid\",\"umask\",\"sched_yield\",\"madvise\",\"pread64\"],"
                + "\"action\":\"SCMP_ACT_ALLOW\"}]}");
    t.config().args("mkdir", "/x");
    assertThat(t.run().err()).contains("not implemented");
  }

  /** A program that makes a directory by int 0x80. */
  private static Trial.Result narrow(Trial t, String architectures) throws Exception {
    Path source = t.dir().resolve("narrow.c");
    try (InputStream in = SecurityCases.class.getResourceAsStream("/narrow.c")) {
      Files.copy(in, source);
    }
    Assumptions.assumeTrue(
        Shell.run("cc -static -O1 -o " + t.rootfs() + "/bin/narrow " + source).isEmpty(),
        "skipped: no C compiler for static programs");
    t.config()
        .set(
            "linux.seccomp",
            rule("mkdir", "SCMP_ACT_ERRNO")
                .replace("[\"SCMP_ARCH_X86_64\"]", "[" + architectures + "]"));
    t.config().args("narrow", "/made");
    return t.run();
  }

  private static void narrow(Trial t) throws Exception {
    assertThat(narrow(t, "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"").text())
        .isEqualTo("-1");
    assertThat(t.rootfs().resolve("made")).doesNotExist();
  }

  private static void unnamedArchitecture(Trial t) throws Exception {
    assertThat(narrow(t, "\"SCMP_ARCH_X86_64\"").code()).isEqualTo(128 + 31);
    assertThat(t.rootfs().resolve("made")).doesNotExist();
  }

  private static void unknownAction(Trial t) throws Exception {
    t.config().set("linux.seccomp", rule("mkdir", "SCMP_ACT_DANCE"));
    t.run().refused("");
  }

  private static void listener(Trial t) throws Exception {
    Path socket = t.dir().resolve("s");
    try (Agent agent = Agent.on(socket)) {
      t.config()
          .set(
              "linux.seccomp",
              "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"%s\",\"listenerMetadata\":\"m\","
                      .formatted(socket)
                  + "\"syscalls\":[{\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}");
      // The agent answers every call with errno 90: message too long.
      assertThat(t.shell("mkdir /x 2>&1 || true")).containsIgnoringCase("message too long");
      assertThat(agent.said())
          .contains("\"seccompFd\"")
          .contains("\"metadata\":\"m\"")
          .contains("\"id\":\"" + t.id() + "\"");
    }
  }

  private static void apparmor(Trial t) throws Exception {
    t.config().text("process.apparmorProfile", "nosuch-profile");
    t.run().refused("apparmor");
  }

  private static void selinux(Trial t) throws Exception {
    t.config().text("process.selinuxLabel", "system_u:system_r:nosuch_t:s0");
    t.run().refused("selinux");
  }

  private static void rdt(Trial t) throws Exception {
    t.config().set("linux.intelRdt", "{\"closID\":\"wb\",\"l3CacheSchema\":\"L3:0=1\"}");
    t.run().refused("rdt");
  }

  /** An image whose program is the runtime itself, which then writes to what runs. */
  private static void overwrite(Trial t) throws Exception {
    String before = Shell.run("sha256sum bin/waybill-runner /usr/sbin/runc /usr/bin/crun");
    t.config().capabilities("CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE").args("sleep", "1000");
    t.launch();
    t.command(
        "exec",
        t.id(),
        "sh",
        "-c",
        "for p in /proc/[0-9]*; do (echo x > $p/exe) 2>/dev/null; done; true");
    t.command("exec", t.id(), "/proc/self/exe", "--version");
    assertThat(Shell.run("sha256sum bin/waybill-runner /usr/sbin/runc /usr/bin/crun"))
        .isEqualTo(before);
  }

  private static void leak(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    String pid = t.state().path("pid").asText();
    assertThat(Shell.run("ls /proc/" + pid + "/fd")).isEqualTo("0\n1\n2");
    String exec = t.command("exec", t.id(), "sh", "-c", "ls -l /proc/self/fd").text();
    assertThat(exec.lines().filter(l -> l.contains("->") && !l.contains("/proc/")).count())
        .isEqualTo(3);
  }

  private static void workingDirectory(Trial t) throws Exception {
    for (int fd = 3; fd < 12; fd++) {
      t.config().text("process.cwd", "/proc/self/fd/" + fd).shell("cat ../../../../etc/hostname");
      Trial.Result result = t.run();
      assertThat(result.out()).doesNotContain(Shell.run("cat /etc/hostname"));
      t.command("delete", "--force", t.id());
    }
  }

  private static void remount(Trial t) throws Exception {
    t.config().set("linux.readonlyPaths", "[\"/proc/sys\"]");
    t.config().set("linux.maskedPaths", "[\"/proc/keys\"]");
    assertThat(
            t.shell(
                "(echo 1 > /proc/sys/kernel/panic) 2>&1; wc -c < /proc/keys;"
                    + " mount -o remount,rw /proc/sys 2>&1; umount /proc/keys 2>&1; true"))
        .contains("Read-only")
        .contains("0")
        .doesNotContain("panic = ");
    assertThat(Files.exists(Path.of("/proc/sys/kernel/panic"))).isTrue();
  }
}
