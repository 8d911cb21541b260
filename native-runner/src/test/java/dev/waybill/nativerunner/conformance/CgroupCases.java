package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** config-linux.md: control groups. */
final class CgroupCases {
  private static final String AREA = "cgroups";

  private CgroupCases() {}

  static List<Case> all() {
    return List.of(
        of("memory: limit, reservation, swappiness", CgroupCases::memory),
        of("processor: shares, quota, period", CgroupCases::cpu),
        of("processors and memory nodes", CgroupCases::cpuset),
        of("containers of one parent have different processors", CgroupCases::siblings),
        of("number of processes", CgroupCases::pids),
        of("rates of a block device", CgroupCases::blkio),
        of("weight of a block device", CgroupCases::weight),
        of("devices are refused unless allowed", CgroupCases::devices),
        of("a limit that the host cannot keep is refused", CgroupCases::unkept),
        of("an absolute cgroups path", CgroupCases::path),
        of("a relative cgroups path", CgroupCases::relativePath),
        of("the caller's cgroup of systemd is left", CgroupCases::leftService),
        of("delete leaves nothing, nested cgroups included", CgroupCases::removed),
        of("delete removes only what create made", CgroupCases::foreign),
        of("the kernel ends who takes too much memory", CgroupCases::outOfMemory));
  }

  private static Case of(String name, Case.Check check) {
    return new Case(AREA, name, check);
  }

  private static String value(Trial t, String controller, String v1, String v2) throws Exception {
    return Shell.run("cat " + Cgroups.of(t, controller) + "/" + (Cgroups.isV2() ? v2 : v1));
  }

  private static void sleeping(Trial t, String resources) throws Exception {
    t.config().set("linux.resources." + resources.split("=", 2)[0], resources.split("=", 2)[1]);
    t.config().args("sleep", "1000");
    t.launch();
  }

  private static void memory(Trial t) throws Exception {
    sleeping(t, "memory={\"limit\":50593792,\"reservation\":33554432,\"swappiness\":50}");
    assertThat(value(t, "memory", "memory.limit_in_bytes", "memory.max")).isEqualTo("50593792");
    assertThat(value(t, "memory", "memory.soft_limit_in_bytes", "memory.low"))
        .isEqualTo("33554432");
  }

  private static void cpu(Trial t) throws Exception {
    sleeping(t, "cpu={\"shares\":1024,\"quota\":50000,\"period\":100000}");
    if (Cgroups.isV2()) {
      assertThat(value(t, "cpu", "", "cpu.max")).isEqualTo("50000 100000");
    } else {
      assertThat(value(t, "cpu", "cpu.shares", "")).isEqualTo("1024");
      assertThat(value(t, "cpu", "cpu.cfs_quota_us", "")).isEqualTo("50000");
      assertThat(value(t, "cpu", "cpu.cfs_period_us", "")).isEqualTo("100000");
    }
  }

  private static void cpuset(Trial t) throws Exception {
    sleeping(t, "cpu={\"cpus\":\"0\",\"mems\":\"0\"}");
    assertThat(value(t, "cpuset", "cpuset.cpus", "cpuset.cpus")).isEqualTo("0");
  }

  /** What is given to one must not be what its parent, and so its siblings, are left with. */
  private static void siblings(Trial t) throws Exception {
    String all = Cgroups.isV2() ? "cpuset.cpus.effective" : "cpuset.cpus";
    t.config().text("linux.cgroupsPath", "/wb-conf/" + t.id());
    sleeping(t, "cpu={\"cpus\":\"0\"}");
    String own = Cgroups.of(t, "cpuset");
    assertThat(Shell.run("cat " + own + "/../" + all))
        .isEqualTo(Shell.run("cat " + own + "/../../" + all));
    t.command("delete", "--force", t.id()).succeeded();
    Shell.run("rmdir /sys/fs/cgroup/*/wb-conf /sys/fs/cgroup/wb-conf");
  }

  private static void pids(Trial t) throws Exception {
    sleeping(t, "pids={\"limit\":321}");
    assertThat(value(t, "pids", "pids.max", "pids.max")).isEqualTo("321");
  }

  /** Without hugetlb there is no such limit, and with it no such size. */
  private static void unkept(Trial t) throws Exception {
    for (String resources :
        List.of(
            "hugepageLimits=[{\"pageSize\":\"3MB\",\"limit\":1}]",
            "unified={\"memory.no-such-limit\":\"1\"}")) {
      String[] set = resources.split("=", 2);
      t.config().set("linux.resources", "{\"%s\":%s}".formatted(set[0], set[1]));
      t.create().refused("");
      t.command("state", t.id()).refused("");
    }
  }

  private static void blkio(Trial t) throws Exception {
    String device = Shell.run("head -n 1 /sys/block/*/dev | grep : | head -n 1");
    String[] numbers = device.split(":");
    sleeping(
        t,
        "blockIO={\"throttleReadBpsDevice\":[{\"major\":%s,\"minor\":%s,\"rate\":102400}]}"
            .formatted(numbers[0], numbers[1]));
    assertThat(value(t, "blkio", "blkio.throttle.read_bps_device", "io.max"))
        .contains(device)
        .contains("102400");
  }

  /** Only a device whose scheduler is bfq has weights: a loop device of the test's own. */
  private static void weight(Trial t) throws Exception {
    Path file = t.dir().resolve("disk");
    String disk = Shell.run("truncate -s 1M %s && losetup -f --show %s".formatted(file, file));
    String queue = "/sys/block/" + disk.replace("/dev/", "") + "/queue/scheduler";
    try {
      Assumptions.assumeTrue(
          Shell.run("echo bfq > " + queue).isEmpty(), "skipped: no loop device with bfq");
      String device = Shell.run("cat " + queue.replace("queue/scheduler", "dev"));
      String[] numbers = device.split(":");
      sleeping(
          t,
          "blockIO={\"weight\":200,\"weightDevice\":[{\"major\":%s,\"minor\":%s,\"weight\":300}]}"
              .formatted(numbers[0], numbers[1]));
      assertThat(value(t, "blkio", "blkio.bfq.weight_device", "io.weight"))
          .contains("default " + (Cgroups.isV2() ? "1920" : "200"))
          .contains(device + " " + (Cgroups.isV2() ? "2930" : "300"));
      t.command("delete", "--force", t.id()).succeeded();
    } finally {
      Shell.run("losetup -d " + disk);
    }
  }

  private static void devices(Trial t) throws Exception {
    t.config().capabilities("CAP_MKNOD", "CAP_SYSLOG");
    t.config()
        .add(
            "linux.resources.devices",
            "{\"allow\":true,\"type\":\"c\",\"major\":1,\"minor\":11,\"access\":\"rwm\"}");
    assertThat(
            t.shell(
                "mknod /tmp/kmsg c 1 11; mknod /tmp/disk b 7 0; (head -c 1 /tmp/disk) 2>&1;"
                    + " test -r /tmp/kmsg && dd if=/tmp/kmsg bs=1 count=0 2>&1 && echo opened"))
        .contains("not permitted")
        .endsWith("opened");
  }

  /** What stays there would end with the service that started it. */
  private static void leftService(Trial t) throws Exception {
    Assumptions.assumeTrue(
        Cgroups.isV2() || Files.exists(Path.of("/sys/fs/cgroup/systemd")),
        "skipped: the host has no hierarchy of systemd");
    t.config().args("sleep", "1000");
    t.launch();
    String own = Cgroups.isV2() ? "0::" : "name=systemd:";
    assertThat(Shell.run("grep " + own + " /proc/" + t.state().path("pid").asText() + "/cgroup"))
        .endsWith(t.id());
  }

  private static void path(Trial t) throws Exception {
    t.config().text("linux.cgroupsPath", "/wb-conf/" + t.id()).args("sleep", "1000");
    t.launch();
    assertThat(Cgroups.of(t, "pids")).endsWith("/wb-conf/" + t.id());
    t.command("delete", "--force", t.id()).succeeded();
    // Those that make the parent need not take it away.
    Shell.run("rmdir /sys/fs/cgroup/*/wb-conf /sys/fs/cgroup/wb-conf");
  }

  private static void relativePath(Trial t) throws Exception {
    t.config().text("linux.cgroupsPath", "wb-conf-rel-" + t.id()).args("sleep", "1000");
    t.launch();
    assertThat(Cgroups.of(t, "pids")).endsWith("/wb-conf-rel-" + t.id());
  }

  private static void removed(Trial t) throws Exception {
    t.config().args("sleep", "1000");
    t.launch();
    String cgroup = Cgroups.of(t, "pids");
    Shell.run("mkdir -p " + cgroup + "/a/b");
    t.command("delete", "--force", t.id()).succeeded();
    assertThat(Path.of(cgroup)).doesNotExist();
    assertThat(t.dir().resolve("state").resolve(t.id())).doesNotExist();
  }

  private static void foreign(Trial t) throws Exception {
    String mount = Cgroups.isV2() ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids";
    Path own = Path.of(mount, "wb-conf-own-" + t.id());
    Shell.run("mkdir " + own);
    try {
      t.config().args("sleep", "1000");
      t.launch();
      Shell.run("echo " + t.state().path("pid").asText() + " > " + own + "/cgroup.procs");
      t.command("delete", "--force", t.id()).succeeded();
      assertThat(own).exists();
    } finally {
      Shell.run("rmdir " + own);
    }
  }

  private static void outOfMemory(Trial t) throws Exception {
    t.config().set("linux.resources.memory", "{\"limit\":20971520,\"swap\":20971520}");
    t.config().args("dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1");
    assertThat(t.run().code()).isEqualTo(137);
  }
}
