package dev.waybill.nativerunner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.nativerunner.cgroup.CgroupLayout;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.SpecCodec;
import dev.waybill.oci.runtime.SpecFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The plan of each configuration in {@code golden/NAME.json}, as people read it. The name's last
 * word is the host's cgroups. {@code -Dgolden.update} writes the files anew: look at the
 * difference.
 */
class GoldenPlanTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final long ALL_BUT_SYS_RESOURCE = 0x1fffeffffffL;

  static HostFacts facts(String cgroups) {
    TreeMap<String, String> v1 = new TreeMap<>();
    TreeSet<String> v2 = new TreeSet<>();
    if (cgroups.equals("v2")) {
      v2.add("cpu");
      v2.add("cpuset");
      v2.add("memory");
      v2.add("pids");
      v2.add("io");
    } else {
      for (String name : CgroupLayoutNames.V1) {
        v1.put(name, "/sys/fs/cgroup/" + name);
      }
    }
    String unified =
        cgroups.equals("v1") ? "" : "/sys/fs/cgroup" + (cgroups.equals("v2") ? "" : "/unified");
    TreeMap<Integer, Long> limits = new TreeMap<>();
    limits.put(7, 20_000L);
    return new HostFacts(
        HostFacts.Runner.ROOT,
        ALL_BUT_SYS_RESOURCE,
        (1L << 41) - 1,
        new CgroupLayout(v1, unified, v2),
        true,
        limits,
        0,
        new TreeSet<>(Set.of(HostFacts.TIME, HostFacts.APPARMOR)));
  }

  /** The same host for user 1000, who may use no cgroup. */
  private static HostFacts rootless(HostFacts host) {
    CgroupLayout closed = host.cgroups().without(host.cgroups().mounts());
    return new HostFacts(
        new HostFacts.Runner(1000, 1000, false),
        0,
        host.knownCapabilities(),
        closed,
        host.swapAccounting(),
        host.hardLimits(),
        host.oomScoreMin(),
        host.supports());
  }

  private static final class CgroupLayoutNames {
    static final String[] V1 = {
      "cpu",
      "cpuacct",
      "cpuset",
      "memory",
      "pids",
      "devices",
      "freezer",
      "blkio",
      "net_cls",
      "net_prio",
      "rdma"
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain-hybrid",
        "plain-v2",
        "delegated-v2",
        "systemd-hybrid",
        "systemd-v2",
        "limits-v1",
        "limits-v2",
        "joined-hybrid",
        "user-namespace-hybrid",
        "rootless-hybrid",
        "rootless-v2",
        "overlay-hybrid",
        "terminal-hybrid",
        "seccomp-hybrid",
        "mounts-hybrid",
        "lacking-hybrid",
        "hooks-hybrid",
        "scheduling-v2",
        "namespaces-hybrid",
        "trees-hybrid",
        "listener-hybrid",
        "network-v1"
      })
  void the_plan_is_as_it_was(String name)
      throws IOException, SpecFormatException, RefusedSpecException {
    Launch launch =
        new Launch(
            "c1",
            "/bundle",
            "/run/waybill/c1",
            new Launch.Stdio.Monitored("/log/c1", 1 << 20, 3, false, false, true),
            SpecCodec.readSpec(Files.readAllBytes(GOLDEN.resolve(name + ".json"))));
    String cgroups = name.substring(name.lastIndexOf('-') + 1);

    HostFacts facts = name.startsWith("rootless") ? rootless(facts(cgroups)) : facts(cgroups);
    if (name.startsWith("systemd")) {
      facts = facts.with(facts.cgroups().withSystemd());
    }
    String actual = PlanText.of(Compiler.compile(launch, facts));

    Path file = GOLDEN.resolve(name + ".txt");
    if (System.getProperty("golden.update") != null) {
      Files.writeString(file, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(file, StandardCharsets.UTF_8));
  }
}
