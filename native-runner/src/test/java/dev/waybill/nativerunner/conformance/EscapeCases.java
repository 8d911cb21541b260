package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The ways out of a container that were found in runtimes, each by its mechanism. */
final class EscapeCases {
  private static final String AREA = "escapes";
  private static final String PROGRAMS =
      "sha256sum bin/waybill-runner /usr/sbin/runc /usr/bin/crun";
  private static final int RACES = 25;

  private EscapeCases() {}

  static List<Case> all() {
    return List.of(
        of("a mount target that is swapped for a symlink meanwhile", EscapeCases::swappedTarget),
        of("a root that is swapped for a symlink meanwhile", EscapeCases::swappedRoot),
        of("a working directory through a symlink stays inside", EscapeCases::workingDirectory),
        of("a script whose interpreter is the runtime", EscapeCases::interpreter),
        of("exec: a script whose interpreter is the runtime", EscapeCases::execInterpreter),
        of("exec: a working directory by a descriptor", EscapeCases::execDescriptor),
        of("a /proc that is a symlink is refused", EscapeCases::linkedProc),
        of("kernel parameters are not written to what is no procfs", EscapeCases::fakeProc),
        of("exec: masked and read-only paths hold", EscapeCases::execPaths),
        of("exec: devices are refused unless allowed", EscapeCases::execDevices),
        of("a masked path is not reached by another way", EscapeCases::maskedAnotherWay));
  }

  private static Case of(String name, Case.Check check) {
    return new Case(AREA, name, check);
  }

  private static Process swapping(Trial t, Path one, Path other) throws Exception {
    Path source = t.dir().resolve("swap.c");
    try (InputStream in = EscapeCases.class.getResourceAsStream("/swap.c")) {
      Files.copy(in, source);
    }
    String program = t.dir().resolve("swap").toString();
    Assumptions.assumeTrue(
        Shell.run("cc -D_GNU_SOURCE -O1 -o " + program + " " + source).isEmpty(),
        "skipped: no C compiler");
    Process process = new ProcessBuilder(program, one.toString(), other.toString()).start();
    assertThat(process.inputReader().readLine()).isEqualTo("swapping");
    return process;
  }

  private static void swappedTarget(Trial t) throws Exception {
    Path outside = Files.createDirectories(t.dir().resolve("outside"));
    Path volume = Files.createDirectories(t.rootfs().resolve("volume"));
    Files.createDirectories(volume.resolve("a"));
    Files.createSymbolicLink(volume.resolve("b"), Path.of("../../outside"));
    Process swapping = swapping(t, volume.resolve("a"), volume.resolve("b"));
    try {
      t.config().mount("/volume/a/one", "tmpfs", "tmpfs").mount("/volume/b/two", "tmpfs", "tmpfs");
      for (int i = 0; i < RACES; i++) {
        t.run(); // it may fail, for its targets come and go
        assertThat(outside).isEmptyDirectory();
      }
    } finally {
      swapping.destroyForcibly();
    }
  }

  /** Whoever can exchange the root may choose it, but never reach beyond what it then is. */
  private static void swappedRoot(Trial t) throws Exception {
    Path link = t.dir().resolve("link");
    Path outside = Files.createDirectories(t.dir().resolve("outside"));
    Files.createSymbolicLink(link, outside);
    Process swapping = swapping(t, t.rootfs(), link);
    try {
      t.config().shell("echo inside; ls / | grep -c outside");
      for (int i = 0; i < RACES; i++) {
        Trial.Result result = t.run();
        assertThat(result.out()).isIn("", "inside\n0\n");
      }
    } finally {
      swapping.destroyForcibly();
      swapping.waitFor();
    }
    if (Files.isSymbolicLink(t.rootfs())) {
      Shell.run("mv -T %s %s.x; mv -T %s %s".formatted(t.rootfs(), link, link, t.rootfs()));
    }
  }

  private static void workingDirectory(Trial t) throws Exception {
    Path outside = Files.createDirectories(t.dir().resolve("outside"));
    Files.createSymbolicLink(t.rootfs().resolve("evil"), Path.of("../../outside"));
    t.config().text("process.cwd", "/evil/made");
    t.run();
    assertThat(outside).isEmptyDirectory();
  }

  private static void script(Trial t) throws Exception {
    Path script = t.rootfs().resolve("evil");
    Files.writeString(script, "#!/proc/self/exe --version\n");
    Shell.run("chmod 755 " + script);
    t.config().capabilities("CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE");
  }

  private static final String OVERWRITE =
      "i=0; while [ $i -lt 300 ]; do for p in /proc/[0-9]*; do"
          + " (exec 9<$p/exe && echo x > /proc/self/fd/9) 2>/dev/null; done; i=$((i+1)); done";

  private static void interpreter(Trial t) throws Exception {
    String before = Shell.run(PROGRAMS);
    script(t);
    t.config().shell("(" + OVERWRITE + ")& /evil; /evil; wait");
    t.run();
    t.command("delete", "--force", t.id());
    t.config().args("/evil");
    t.run();
    assertThat(Shell.run(PROGRAMS)).isEqualTo(before);
  }

  private static void execInterpreter(Trial t) throws Exception {
    String before = Shell.run(PROGRAMS);
    script(t);
    t.config().shell(OVERWRITE + "; exec sleep 1000");
    t.launch();
    for (int i = 0; i < 5; i++) {
      t.command("exec", t.id(), "/evil");
      t.command("exec", t.id(), "/proc/self/exe");
    }
    assertThat(Shell.run(PROGRAMS)).isEqualTo(before);
  }

  private static void execDescriptor(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    String host = Shell.run("cat /etc/hostname");
    for (int fd = 3; fd < 14; fd++) {
      Trial.Result result =
          t.command(
              "exec", "--cwd", "/proc/self/fd/" + fd, t.id(), "cat", "../../../../etc/hostname");
      assertThat(result.code()).as("descriptor %d", fd).isNotZero();
      assertThat(result.out()).doesNotContain(host);
    }
  }

  private static void linkedProc(Trial t) throws Exception {
    Files.delete(t.rootfs().resolve("proc"));
    Files.createSymbolicLink(t.rootfs().resolve("proc"), Path.of("data"));
    t.run().refused("proc");
  }

  private static void fakeProc(Trial t) throws Exception {
    Path fake = Files.createDirectories(t.dir().resolve("fake/sys/net/ipv4"));
    Files.writeString(fake.resolve("ip_forward"), "untouched");
    t.config().mount("/proc", "bind", t.dir().resolve("fake").toString(), "bind");
    t.config().set("linux.sysctl", "{\"net.ipv4.ip_forward\":\"1\"}");
    t.run(); // refused, or written to the host's own procfs in the container's network
    assertThat(Files.readString(fake.resolve("ip_forward"))).isEqualTo("untouched");
  }

  private static void execPaths(Trial t) throws Exception {
    t.config().set("linux.readonlyPaths", "[\"/proc/sys\"]");
    t.config().set("linux.maskedPaths", "[\"/proc/keys\",\"/proc/timer_list\"]");
    t.config().args("sleep", "1000");
    t.launch();
    String said =
        t.command(
                "exec",
                t.id(),
                "sh",
                "-c",
                "(echo 1 > /proc/sys/kernel/panic) 2>&1; wc -c < /proc/keys;"
                    + " (echo 1 > /proc/1/root/proc/sys/kernel/panic) 2>&1; true")
            .text();
    assertThat(said.lines().filter(l -> l.contains("Read-only") || l.contains("denied")).count())
        .isEqualTo(2);
    assertThat(said).contains("\n0\n");
  }

  private static void execDevices(Trial t) throws Exception {
    t.config().capabilities("CAP_MKNOD", "CAP_DAC_OVERRIDE").args("sleep", "1000");
    t.launch();
    assertThat(
            t.command(
                    "exec",
                    t.id(),
                    "sh",
                    "-c",
                    "mknod /tmp/disk b 7 0; (head -c 1 /tmp/disk) 2>&1; true")
                .text())
        .contains("not permitted");
  }

  private static void maskedAnotherWay(Trial t) throws Exception {
    t.config().set("linux.maskedPaths", "[\"/proc/timer_list\"]").capabilities("CAP_SYS_ADMIN");
    assertThat(
            t.shell(
                "mkdir /again; mount -t proc proc /again 2>/dev/null; cat /again/timer_list 2>/dev/null | wc -c;"
                    + " wc -c < /proc/self/root/proc/timer_list; wc -c < /proc/1/root/proc/timer_list"))
        .endsWith("0\n0");
  }
}
