package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** config-linux.md: namespaces, user mappings, offsets of clocks, kernel parameters. */
final class NamespaceCases {
  private static final String AREA = "namespaces";
  private static final List<String> FILES = List.of("pid", "mnt", "ipc", "uts", "net");

  private NamespaceCases() {}

  static List<Case> all() {
    return List.of(
        of("new ones differ from the host's", NamespaceCases::fresh),
        of("those that are not named are the host's", NamespaceCases::inherited),
        of("each can be joined by path", NamespaceCases::joined),
        of("a path of another type is refused", NamespaceCases::wrongType),
        of("a path that is missing is refused", NamespaceCases::missing),
        of("a namespace named twice is refused", NamespaceCases::twice),
        of("a user namespace with mappings", NamespaceCases::user),
        of("a user namespace without mappings is refused", NamespaceCases::unmapped),
        of("a user namespace can be joined", NamespaceCases::joinedUser),
        of("exec in a user namespace", NamespaceCases::execInUser),
        of("a time namespace with offsets", NamespaceCases::time),
        of("host name and domain name", NamespaceCases::names),
        of("a host name without a uts namespace is refused", NamespaceCases::hostname),
        of("kernel parameters of a namespace", NamespaceCases::sysctl),
        of("kernel parameters of the host are refused", NamespaceCases::hostSysctl),
        of("a new network has its loopback device up", NamespaceCases::loopback),
        of("a network device moves in, renamed, with its addresses", NamespaceCases::device),
        of("a network device gets a number for its name", NamespaceCases::numberedDevice),
        of("a network device whose name is taken is refused", NamespaceCases::takenName),
        of("a network device that is missing is refused", NamespaceCases::missingDevice),
        of("a network device without a network is refused", NamespaceCases::deviceOfHost));
  }

  private static Case of(String name, Case.Check check) {
    return new Case(AREA, name, check);
  }

  private static String link(String of, String name) throws Exception {
    return Shell.run("readlink /proc/" + of + "/ns/" + name);
  }

  private static void fresh(Trial t) throws Exception {
    t.config().add("linux.namespaces", "{\"type\":\"cgroup\"}").args("sleep", "1000");
    t.launch();
    String pid = t.state().path("pid").asText();
    for (String name : FILES) {
      assertThat(link(pid, name)).as(name).isNotEqualTo(link("self", name));
    }
    assertThat(link(pid, "cgroup")).isNotEqualTo(link("self", "cgroup"));
    assertThat(t.command("exec", t.id(), "sh", "-c", "readlink /proc/1/ns/uts").text())
        .isEqualTo(link(pid, "uts"));
  }

  private static void inherited(Trial t) throws Exception {
    t.config().without("network").without("ipc").without("uts").remove("hostname");
    String expected = link("self", "net") + "\n" + link("self", "ipc") + "\n" + link("self", "uts");
    assertThat(t.shell("for n in net ipc uts; do readlink /proc/self/ns/$n; done"))
        .isEqualTo(expected);
  }

  private static void joined(Trial t) throws Exception {
    try (Holder holder = Holder.of("--net --ipc --uts --pid --fork")) {
      t.config().remove("hostname");
      t.config().joins("network", holder.path("net")).joins("ipc", holder.path("ipc"));
      t.config().joins("uts", holder.path("uts")).joins("pid", holder.path("pid"));
      t.config().args("sleep", "1000");
      t.launch();
      String pid = t.state().path("pid").asText();
      for (String name : List.of("net", "ipc", "uts", "pid")) {
        assertThat(link(pid, name)).as(name).isEqualTo(Shell.run("readlink " + holder.path(name)));
      }
    }
  }

  private static void wrongType(Trial t) throws Exception {
    t.config().joins("network", "/proc/self/ns/uts");
    t.run().refused("");
  }

  private static void missing(Trial t) throws Exception {
    t.config().joins("network", "/nosuch");
    t.run().refused("nosuch");
  }

  private static void twice(Trial t) throws Exception {
    t.config().add("linux.namespaces", "{\"type\":\"pid\"}");
    t.run().refused("");
  }

  private static final String MAPS = "[{\"containerID\":0,\"hostID\":100000,\"size\":1000}]";

  private static void user(Trial t) throws Exception {
    Shell.run("chown -R 100000:100000 " + t.rootfs());
    t.config().add("linux.namespaces", "{\"type\":\"user\"}");
    t.config().set("linux.uidMappings", MAPS).set("linux.gidMappings", MAPS);
    assertThat(
            t.shell("cat /proc/self/uid_map; id -u; stat -c %u /data/file").replaceAll(" +", " "))
        .isEqualTo("0 100000 1000\n0\n0");
  }

  private static void unmapped(Trial t) throws Exception {
    t.config().add("linux.namespaces", "{\"type\":\"user\"}");
    t.run().refused("");
  }

  private static void joinedUser(Trial t) throws Exception {
    Shell.run("chown -R 100000:100000 " + t.rootfs());
    try (Holder holder = Holder.of("--user")) {
      String process = "/proc/" + holder.process().pid();
      Shell.run("echo 0 100000 1000 > " + process + "/uid_map");
      Shell.run("echo 0 100000 1000 > " + process + "/gid_map");
      t.config().joins("user", holder.path("user")).args("sleep", "1000");
      t.launch();
      String pid = t.state().path("pid").asText();
      assertThat(link(pid, "user")).isEqualTo(Shell.run("readlink " + holder.path("user")));
      assertThat(t.command("exec", t.id(), "sh", "-c", "id -u; stat -c %u /data/file").text())
          .isEqualTo("0\n0");
      assertThat(Shell.run("stat -c %u /proc/" + pid)).isEqualTo("100000");
    }
  }

  private static void execInUser(Trial t) throws Exception {
    Shell.run("chown -R 100000:100000 " + t.rootfs());
    t.config().add("linux.namespaces", "{\"type\":\"user\"}");
    t.config().set("linux.uidMappings", MAPS).set("linux.gidMappings", MAPS);
    t.config().args("sleep", "1000");
    t.launch();
    assertThat(t.command("exec", "--user", "7:8", t.id(), "id", "-u").text()).isEqualTo("7");
  }

  private static void time(Trial t) throws Exception {
    t.config()
        .add("linux.namespaces", "{\"type\":\"time\"}")
        .set("linux.timeOffsets", "{\"boottime\":{\"secs\":100000000,\"nanosecs\":0}}");
    t.config().args("sleep", "1000");
    t.launch();
    String uptime = t.command("exec", t.id(), "cut", "-d.", "-f1", "/proc/uptime").text();
    assertThat(Long.parseLong(uptime)).isGreaterThan(100_000_000);
    assertThat(Long.parseLong(Shell.run("cut -d. -f1 /proc/uptime"))).isLessThan(100_000_000);
  }

  private static void names(Trial t) throws Exception {
    t.config().text("hostname", "hh").text("domainname", "dd.example");
    assertThat(t.shell("hostname; cat /proc/sys/kernel/domainname")).isEqualTo("hh\ndd.example");
  }

  private static void loopback(Trial t) throws Exception {
    String told = t.shell("ip addr show lo");
    assertThat(told).contains("<LOOPBACK,UP", "inet 127.0.0.1/8");
  }

  private static void hostname(Trial t) throws Exception {
    t.config().without("uts");
    t.run().refused("");
  }

  private static void sysctl(Trial t) throws Exception {
    t.config()
        .set("linux.sysctl", "{\"net.ipv4.ip_forward\":\"1\",\"kernel.shm_rmid_forced\":\"1\"}");
    assertThat(t.shell("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced"))
        .isEqualTo("1\n1");
  }

  /** Runs in a network of its own, as the host's, with a pair of devices. */
  private static void pair(Trial t) {
    Assumptions.assumeTrue(
        Files.exists(Path.of("/usr/sbin/ip")), "skipped: iproute2 is not installed");
    t.within(
        "unshare",
        "-n",
        "sh",
        "-c",
        "ip link add wbh0 type veth peer name wbh1 && ip addr add 192.0.2.7/24 dev wbh0"
            + " && ip addr add 2001:db8::7/64 dev wbh0 && ip link set wbh1 up"
            + " && exec \"$@\"",
        "sh");
    t.config().set("ociVersion", "\"1.3.0\"").capabilities("CAP_NET_ADMIN");
  }

  private static void device(Trial t) throws Exception {
    pair(t);
    t.config().set("linux.netDevices", "{\"wbh0\":{\"name\":\"inner0\"}}");
    assertThat(t.shell("ip addr show inner0; ip route"))
        .contains("192.0.2.7/24")
        .contains("2001:db8::7/64")
        .contains("UP")
        .contains("192.0.2.0/24 dev inner0");
  }

  private static void numberedDevice(Trial t) throws Exception {
    pair(t);
    t.config()
        .set("linux.netDevices", "{\"wbh0\":{\"name\":\"net%d\"},\"wbh1\":{\"name\":\"net%d\"}}");
    assertThat(t.shell("ip addr show net0; ip addr show net1"))
        .contains("192.0.2.7/24")
        .contains("net1");
  }

  private static void takenName(Trial t) throws Exception {
    pair(t);
    t.config().set("linux.netDevices", "{\"wbh0\":{\"name\":\"lo\"}}");
    t.run().refused("already");
  }

  private static void missingDevice(Trial t) throws Exception {
    pair(t);
    t.config().set("linux.netDevices", "{\"nosuch\":{}}");
    t.run().refused("nosuch");
  }

  private static void deviceOfHost(Trial t) throws Exception {
    pair(t);
    t.config().without("network").set("linux.netDevices", "{\"wbh0\":{}}");
    t.run().refused("network");
  }

  private static void hostSysctl(Trial t) throws Exception {
    t.config().set("linux.sysctl", "{\"vm.swappiness\":\"10\"}");
    t.run().refused("vm.swappiness");
  }
}
