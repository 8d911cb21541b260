package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** config.md and config-linux.md: root, mounts, devices, paths. */
final class MountCases {
  private static final String AREA = "mounts";

  private MountCases() {}

  static List<Case> all() {
    return List.of(
        of("a read-only root", MountCases::readOnlyRoot),
        of("a tmpfs with options", MountCases::tmpfs),
        of("mounts come in their order", MountCases::order),
        of("a bind, read-only", MountCases::bind),
        of("a bind of a file makes its target", MountCases::bindFile),
        of("recursive attributes reach the mounts below", MountCases::recursive),
        of("tmpcopyup begins with what is covered", MountCases::copyUp),
        of("an idmapped bind shows other owners", MountCases::idmap),
        of("a target that is a symlink stays inside", MountCases::symlink),
        of("a shared mount stays shared whatever the root is", MountCases::sharedMount),
        of("root propagation shared", t -> propagation(t, "shared", "yes")),
        of("root propagation slave", t -> propagation(t, "slave", "no")),
        of("root propagation private", t -> propagation(t, "private", "no")),
        of("root propagation unbindable", MountCases::unbindable),
        of("a masked file is empty, a masked directory too", MountCases::masked),
        of("a relative masked path is refused", MountCases::maskedRelative),
        of("a masked path that loops is refused", MountCases::maskedLoop),
        of("a read-only path cannot be written", MountCases::readonlyPath),
        of("the default devices and links are there", MountCases::devices),
        of("a device has the mode and owner that are said", MountCases::device),
        of("a bind whose source is missing is refused", MountCases::missingSource),
        of("the cgroup mount shows the container's own", MountCases::cgroup),
        of("no-pivot gives the same root", MountCases::noPivot));
  }

  private static Case of(String name, Case.Check check) {
    return new Case(AREA, name, check);
  }

  private static void readOnlyRoot(Trial t) throws Exception {
    t.config().set("root.readonly", "true");
    assertThat(t.shell("touch /x 2>&1 || true")).contains("Read-only");
  }

  private static void tmpfs(Trial t) throws Exception {
    t.config().mount("/tmp", "tmpfs", "tmpfs", "nosuid", "noexec", "size=1m", "mode=1711");
    assertThat(t.shell("grep ' /tmp ' /proc/mounts; stat -c %a /tmp"))
        .contains("nosuid", "noexec", "size=1024k")
        .endsWith("1711");
  }

  private static void order(Trial t) throws Exception {
    t.config()
        .mount("/data", "tmpfs", "tmpfs", "size=1m")
        .mount("/data/sub", "tmpfs", "tmpfs", "size=2m");
    assertThat(t.shell("ls /data; grep -c ' /data' /proc/mounts")).isEqualTo("sub\n2");
  }

  private static Path source(Trial t) throws Exception {
    Path source = Files.createDirectories(t.dir().resolve("source"));
    Files.writeString(source.resolve("f"), "from the host\n");
    return source;
  }

  private static void bind(Trial t) throws Exception {
    t.config().mount("/mnt", "bind", source(t).toString(), "bind", "ro");
    assertThat(t.shell("cat /mnt/f; touch /mnt/x 2>&1 || true"))
        .contains("from the host")
        .contains("Read-only");
  }

  private static void bindFile(Trial t) throws Exception {
    t.config().mount("/new/f", "bind", source(t) + "/f", "bind");
    assertThat(t.shell("cat /new/f")).isEqualTo("from the host");
  }

  private static void recursive(Trial t) throws Exception {
    Path source = source(t);
    Path below = Files.createDirectories(source.resolve("below"));
    Shell.run("mount -t tmpfs tmpfs " + below);
    try {
      t.config().mount("/mnt", "bind", source.toString(), "rbind", "rro", "rnosuid", "rnoexec");
      assertThat(t.shell("touch /mnt/below/x 2>&1; grep ' /mnt/below ' /proc/mounts"))
          .contains("Read-only")
          .contains("nosuid")
          .contains("noexec");
    } finally {
      Shell.run("umount " + below);
    }
  }

  private static void sharedMount(Trial t) throws Exception {
    for (String root : List.of("", "shared", "rshared", "slave", "private")) {
      t.config()
          .text("linux.rootfsPropagation", root)
          .mount("/data", "bind", t.dir().toString(), "rbind", "rshared");
      assertThat(t.shell("grep ' /data ' /proc/self/mountinfo")).as(root).contains(" shared:");
    }
  }

  private static void copyUp(Trial t) throws Exception {
    t.config().mount("/data", "tmpfs", "tmpfs", "tmpcopyup", "size=1m");
    Files.createSymbolicLink(t.rootfs().resolve("data/link"), Path.of("file"));
    Shell.run("mkdir -m 700 " + t.rootfs() + "/data/d; chown 7:8 " + t.rootfs() + "/data/d");
    assertThat(
            t.shell(
                "cat /data/file; readlink /data/link; stat -c '%a %u %g' /data/d; echo y > /data/new"))
        .isEqualTo("content\nfile\n700 7 8");
    assertThat(t.rootfs().resolve("data/new")).doesNotExist();
  }

  private static void idmap(Trial t) throws Exception {
    Path source = source(t);
    Shell.run("chown 5:5 " + source + "/f");
    t.config()
        .add(
            "mounts",
            ("{\"destination\":\"/mnt\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"bind\"],"
                    + "\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":100}],"
                    + "\"gidMappings\":[{\"containerID\":0,\"hostID\":2000,\"size\":100}]}")
                .formatted(source));
    assertThat(t.shell("stat -c '%u %g' /mnt/f")).isEqualTo("1005 2005");
  }

  private static void symlink(Trial t) throws Exception {
    Path outside = Files.createDirectories(t.dir().resolve("outside"));
    Files.createSymbolicLink(t.rootfs().resolve("evil"), Path.of("../../outside"));
    Files.createSymbolicLink(t.rootfs().resolve("absolute"), outside);
    t.config().mount("/evil/x", "tmpfs", "tmpfs").mount("/absolute/y", "tmpfs", "tmpfs");
    t.run();
    assertThat(outside).isEmptyDirectory();
  }

  /** Whether a mount that is made inside shows up in another bind of the root. */
  private static void propagation(Trial t, String kind, String seen) throws Exception {
    t.config().text("linux.rootfsPropagation", kind).capabilities("CAP_SYS_ADMIN");
    t.config().set("process.noNewPrivileges", "false");
    assertThat(
            t.shell(
                "mkdir /target /from /to; echo x > /from/f; mount --rbind / /target;"
                    + " mount --bind /from /to; test -e /target/to/f && echo yes || echo no"))
        .isEqualTo(seen);
  }

  private static void unbindable(Trial t) throws Exception {
    t.config().text("linux.rootfsPropagation", "unbindable").capabilities("CAP_SYS_ADMIN");
    assertThat(t.shell("mkdir /target; mount --bind / /target 2>&1 || echo refused"))
        .contains("refused");
  }

  private static void masked(Trial t) throws Exception {
    t.config().set("linux.maskedPaths", "[\"/data\",\"/etc/passwd\",\"/nosuch\"]");
    assertThat(t.shell("ls /data | wc -l; wc -c < /etc/passwd; touch /data/x 2>&1 || true"))
        .startsWith("0\n0\n")
        .contains("Read-only");
  }

  private static void maskedRelative(Trial t) throws Exception {
    t.config().set("linux.maskedPaths", "[\"data\"]");
    t.run().refused("absolute");
  }

  private static void maskedLoop(Trial t) throws Exception {
    Files.createSymbolicLink(t.rootfs().resolve("loop"), Path.of("../loop"));
    t.config().set("linux.maskedPaths", "[\"/loop\"]");
    t.run().refused("");
  }

  private static void readonlyPath(Trial t) throws Exception {
    t.config().set("linux.readonlyPaths", "[\"/data\",\"/etc/passwd\",\"/nosuch\"]");
    assertThat(
            t.shell(
                "(echo x > /data/x) 2>/dev/null; (echo x > /etc/passwd) 2>/dev/null; cat /data/file"))
        .isEqualTo("content");
    assertThat(t.rootfs().resolve("data/x")).doesNotExist();
  }

  private static void devices(Trial t) throws Exception {
    assertThat(
            t.shell(
                "for d in null zero full random urandom tty; do stat -c '%t:%T %a' /dev/$d; done;"
                    + " for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done"))
        .isEqualTo(
            "1:3 666\n1:5 666\n1:7 666\n1:8 666\n1:9 666\n5:0 666\n"
                + "/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx");
  }

  private static void device(Trial t) throws Exception {
    t.config()
        .add(
            "linux.devices",
            "{\"path\":\"/dev/deep/mine\",\"type\":\"c\",\"major\":1,\"minor\":5,"
                + "\"fileMode\":416,\"uid\":3,\"gid\":4}")
        .add(
            "linux.devices",
            "{\"path\":\"/dev/pipe\",\"type\":\"p\",\"major\":0,\"minor\":0,\"fileMode\":384}");
    assertThat(t.shell("stat -c '%t:%T %a %u %g' /dev/deep/mine; test -p /dev/pipe && echo pipe"))
        .isEqualTo("1:5 640 3 4\npipe");
  }

  private static void missingSource(Trial t) throws Exception {
    t.config().mount("/mnt", "bind", "/nosuch", "bind");
    t.run().refused("nosuch");
    t.command("state", t.id()).refused("");
  }

  private static void cgroup(Trial t) throws Exception {
    t.config().add("linux.namespaces", "{\"type\":\"cgroup\"}");
    t.config().mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro");
    String file = Cgroups.isV2() ? "cgroup.procs" : "pids/cgroup.procs";
    assertThat(t.shell("head -n 1 /sys/fs/cgroup/" + file)).isEqualTo("1");
  }

  private static void noPivot(Trial t) throws Exception {
    t.config().args("cat", "/data/file").write(t.dir());
    assertThat(t.command("run", "--no-pivot", "--bundle", t.dir().toString(), t.id()).text())
        .isEqualTo("content");
  }
}
