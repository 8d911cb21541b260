package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** What a user without rights may do: everything that the kernel lets the root of its namespace. */
final class RootlessCases {
  private static final String AREA = "rootless";
  static final String ONE_ID = "[{\"containerID\":0,\"hostID\":%d,\"size\":1}]".formatted(Peer.UID);
  private static final String RANGE =
      "[{\"containerID\":0,\"hostID\":%d,\"size\":1},{\"containerID\":1,\"hostID\":%d,\"size\":1000}]"
          .formatted(Peer.UID, Peer.GRANTED);

  private RootlessCases() {}

  static List<Case> all() {
    return List.of(
        of("a container with the user's own id as root", RootlessCases::oneId),
        of("exec, ps, kill and delete", RootlessCases::life),
        of("ranges of ids that the host grants", RootlessCases::ranges),
        of("ids that the host does not grant are refused", RootlessCases::foreignRange),
        of("capabilities inside its own namespace", RootlessCases::capabilities),
        of("a network and a host name of its own", RootlessCases::network),
        of("cgroups that cannot be made are left out", RootlessCases::withoutCgroups),
        of("a limit that cannot be had is refused", RootlessCases::limit),
        of("a cgroup that the user was given is used", RootlessCases::delegated),
        of("without a user namespace it is refused", RootlessCases::withoutNamespace),
        of("further groups need a range of groups", RootlessCases::groups),
        of("a mount option with a foreign id is refused", RootlessCases::mountOption),
        of("a user that is not mapped is refused", RootlessCases::unmappedUser),
        of("a time namespace with offsets", RootlessCases::time),
        of("spec --rootless writes what runs", RootlessCases::sample),
        of("root of a user namespace that somebody else made", RootlessCases::nested));
  }

  private static Case of(String name, Case.Check check) {
    return new Case(AREA, name, check);
  }

  private static Config begin(Trial t) throws Exception {
    t.becomeRootless();
    return t.config().userSpace(ONE_ID, ONE_ID);
  }

  private static void oneId(Trial t) throws Exception {
    begin(t);
    assertThat(
            t.shell("id -u; cat /proc/self/setgroups; cat /proc/self/uid_map")
                .replaceAll(" +", " "))
        .isEqualTo("0\ndeny\n 0 %d 1".formatted(Peer.UID));
  }

  private static void life(Trial t) throws Exception {
    begin(t).set("process.oomScoreAdj", "500").args("sleep", "1000");
    t.launch();
    assertThat(t.status()).isEqualTo("running");
    String pid = t.state().path("pid").asText();
    assertThat(Shell.run("stat -c %u /proc/" + pid)).isEqualTo(Integer.toString(Peer.UID));
    assertThat(t.command("exec", t.id(), "cat", "/data/file").text()).isEqualTo("content");
    assertThat(t.command("exec", t.id(), "readlink", "/proc/self/ns/user").text())
        .isEqualTo(Shell.run("readlink /proc/" + pid + "/ns/user"));
    assertThat(t.command("exec", t.id(), "cat", "/proc/self/oom_score_adj").text())
        .isEqualTo("500");
    if (t.peer().isOwn()) { // others read a cgroup that they have not
      assertThat(t.command("ps", "--format", "json", t.id()).text()).isEqualTo("[" + pid + "]");
    }
    t.command("kill", t.id(), "KILL").succeeded();
    t.await("stopped");
    t.command("delete", t.id()).succeeded();
    assertThat(t.dir().resolve("state").resolve(t.id())).doesNotExist();
  }

  private static void needMappers() {
    Assumptions.assumeTrue(
        Files.exists(Path.of("/usr/bin/newuidmap")), "skipped: uidmap is not installed");
  }

  private static void ranges(Trial t) throws Exception {
    needMappers();
    t.becomeRootless();
    t.config().userSpace(RANGE, RANGE).set("process.user", "{\"uid\":5,\"gid\":6}");
    t.config().args("sleep", "1000");
    t.launch();
    String pid = t.state().path("pid").asText();
    assertThat(Shell.run("stat -c %u:%g /proc/" + pid))
        .isEqualTo("%d:%d".formatted(Peer.GRANTED + 4, Peer.GRANTED + 5));
    assertThat(t.command("exec", "--user", "7:8", t.id(), "id", "-u").text()).isEqualTo("7");
    t.command("kill", t.id(), "KILL").succeeded();
    t.await("stopped");
  }

  private static void foreignRange(Trial t) throws Exception {
    needMappers();
    t.becomeRootless();
    String foreign =
        "[{\"containerID\":0,\"hostID\":%d,\"size\":1},{\"containerID\":1,\"hostID\":0,\"size\":10}]"
            .formatted(Peer.UID);
    t.config().userSpace(foreign, foreign);
    t.run().refused("newuidmap");
  }

  private static void capabilities(Trial t) throws Exception {
    begin(t).capabilities("CAP_SYS_ADMIN", "CAP_CHOWN");
    assertThat(t.shell("mount -t tmpfs none /tmp && grep CapEff /proc/self/status"))
        .isEqualTo("CapEff:\t0000000000200001");
  }

  private static void network(Trial t) throws Exception {
    begin(t).text("hostname", "mine").set("linux.sysctl", "{\"net.ipv4.ip_forward\":\"1\"}");
    assertThat(t.shell("hostname; cat /proc/sys/net/ipv4/ip_forward")).isEqualTo("mine\n1");
  }

  private static void withoutCgroups(Trial t) throws Exception {
    begin(t);
    assertThat(t.shell("cat /proc/self/cgroup")).doesNotContain(t.id());
  }

  private static void limit(Trial t) throws Exception {
    begin(t).set("linux.resources.pids", "{\"limit\":20}");
    t.run().refused("cgroup");
  }

  private static void delegated(Trial t) throws Exception {
    Assumptions.assumeFalse(Cgroups.isV2(), "skipped: version 2 wants a common parent");
    Path own = Path.of("/sys/fs/cgroup/pids/wb-conf-" + t.id());
    Shell.run("mkdir %s && chown -R %d:%d %s".formatted(own, Peer.UID, Peer.UID, own));
    try {
      begin(t).text("linux.cgroupsPath", "/wb-conf-" + t.id() + "/inner");
      t.config().set("linux.resources.pids", "{\"limit\":33}").args("sleep", "1000");
      t.launch();
      assertThat(Shell.run("cat " + own + "/inner/pids.max")).isEqualTo("33");
      assertThat(Shell.run("cat " + own + "/inner/cgroup.procs"))
          .isEqualTo(t.state().path("pid").asText());
      t.command("delete", "--force", t.id()).succeeded();
      assertThat(own.resolve("inner")).doesNotExist();
      assertThat(own).exists();
    } finally {
      Shell.run("rmdir " + own + "/inner " + own);
    }
  }

  private static void withoutNamespace(Trial t) throws Exception {
    t.becomeRootless();
    t.run().refused("user");
  }

  private static void groups(Trial t) throws Exception {
    begin(t).set("process.user", "{\"uid\":0,\"gid\":0,\"additionalGids\":[0]}");
    t.run().refused("group");
  }

  private static void mountOption(Trial t) throws Exception {
    begin(t).mount("/data", "tmpfs", "tmpfs", "uid=7");
    t.run().refused("mapped");
  }

  private static void unmappedUser(Trial t) throws Exception {
    begin(t).set("process.user", "{\"uid\":7,\"gid\":0}");
    t.run().refused("mapped");
  }

  private static void time(Trial t) throws Exception {
    begin(t)
        .add("linux.namespaces", "{\"type\":\"time\"}")
        .set("linux.timeOffsets", "{\"boottime\":{\"secs\":100000000,\"nanosecs\":0}}");
    String uptime = t.shell("cut -d. -f1 /proc/uptime");
    assertThat(Long.parseLong(uptime)).isGreaterThan(100_000_000);
  }

  /** As engines of a user run a runtime: it looks like root, and is not the host's. */
  private static void nested(Trial t) throws Exception {
    t.within("unshare", "-Ur");
    t.config().withoutGroups();
    assertThat(t.shell("echo x > /dev/null && id -u")).isEqualTo("0");
  }

  private static void sample(Trial t) throws Exception {
    t.becomeRootless();
    t.command("spec", "--rootless", "--bundle", t.dir().toString()).succeeded();
    Path file = t.dir().resolve("config.json");
    JsonMapper json = new JsonMapper();
    ObjectNode config = (ObjectNode) json.readTree(file.toFile());
    ObjectNode process = config.withObject("/process");
    process.put("terminal", false);
    process.set("args", json.readTree("[\"id\",\"-u\"]"));
    Files.writeString(file, config.toString());
    assertThat(t.command("run", "--bundle", t.dir().toString(), t.id()).text()).isEqualTo("0");
  }
}
