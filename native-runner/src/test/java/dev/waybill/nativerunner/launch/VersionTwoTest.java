package dev.waybill.nativerunner.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.nativerunner.cgroup.CgroupLayout;
import dev.waybill.nativerunner.cgroup.ContainerCgroup;
import dev.waybill.nativerunner.plan.Compiler;
import dev.waybill.nativerunner.plan.HostFacts;
import dev.waybill.nativerunner.plan.Launch;
import dev.waybill.nativerunner.plan.LaunchPlan;
import dev.waybill.nativerunner.service.TestImages;
import dev.waybill.nativerunner.sys.HostFactsReader;
import dev.waybill.nativerunner.sys.Kernel;
import dev.waybill.nativerunner.sys.LinuxKernel;
import dev.waybill.nativerunner.sys.ReadyNetworks;
import dev.waybill.oci.runtime.Spec;
import dev.waybill.oci.runtime.SpecCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cgroups of version 2 for real, also on a hybrid host: its unified hierarchy has no controllers,
 * but processes are born in it, frozen in it, and its device program is asked.
 */
class VersionTwoTest {
  @TempDir Path dir;

  private static HostFacts facts() throws Exception {
    HostFacts host = HostFactsReader.read();
    assumeTrue(!host.cgroups().unified().isEmpty(), "the host has no cgroup2 mount");
    CgroupLayout layout =
        new CgroupLayout(
            new TreeMap<>(),
            host.cgroups().unified(),
            new TreeSet<>(
                host.cgroups().isV2() ? host.cgroups().unifiedControllers() : new TreeSet<>()));
    return host.with(layout);
  }

  /** What is looked at while the container waits to be started. */
  private interface Look {
    void at(Path cgroup) throws Exception;
  }

  private String run(String... words) throws Exception {
    return run(TestImages.bundle(dir.resolve(words[0] + words.length), words), _ -> {}, words);
  }

  private String run(Path bundle, Look whileCreated, String... words) throws Exception {
    Path state = Files.createDirectories(dir.resolve("state-" + words[0]));
    Path log = dir.resolve(words[0] + ".log");
    Spec spec = SpecCodec.readSpec(Files.readAllBytes(bundle.resolve("config.json")));
    Launch.Stdio stdio = new Launch.Stdio.Monitored(log.toString(), 1 << 20, 1, false, false, true);
    HostFacts facts = facts();
    String id = "v2test-" + ProcessHandle.current().pid();
    LaunchPlan plan =
        Compiler.compile(new Launch(id, bundle.toString(), state.toString(), stdio, spec), facts);
    Kernel kernel = new LinuxKernel();
    try (Executor executor =
        Executor.load(kernel, Path.of("bin/waybill-runner"), ReadyNetworks.none())) {
      Executor.Launched launched = executor.launch(plan);
      whileCreated.at(Path.of(facts.cgroups().unified(), "waybill", id));
      StartSocket.start(state, plan);
      kernel.read(launched.alive(), 1); // ends with the monitor's record of the exit
      launched.alive().close();
      kernel.awaitExit(launched.monitorPid());
    } finally {
      new ContainerCgroup(Compiler.cgroups(spec, id, facts).paths()).remove();
      Files.deleteIfExists(Path.of(facts.cgroups().unified(), "waybill"));
    }
    assertThat(ExitRecord.read(state)).isPresent();
    return Files.readString(log);
  }

  @Test
  void a_process_is_born_in_its_cgroup() throws Exception {
    assertThat(run("cat", "/proc/self/cgroup")).contains("F 0::/waybill/v2test-");
  }

  private static Object owner(Path file) throws Exception {
    return Files.getAttribute(file, "unix:uid");
  }

  @Test
  void a_user_who_may_write_to_the_containers_cgroup_owns_what_delegation_takes() throws Exception {
    Path bundle = TestImages.bundleWithCgroups(dir.resolve("delegated"), "true");
    Path config = bundle.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"uid\":0", "\"uid\":7"));

    run(
        bundle,
        cgroup -> {
          assertThat(owner(cgroup)).isEqualTo(7);
          assertThat(owner(cgroup.resolve("cgroup.procs"))).isEqualTo(7);
          assertThat(owner(cgroup.resolve("cgroup.subtree_control"))).isEqualTo(7);
          assertThat(owner(cgroup.resolve("cgroup.max.depth"))).isEqualTo(0);
        },
        "true");
  }

  @Test
  void the_device_program_allows_the_standard_devices_only() throws Exception {
    assertThat(run("write", "/dev/null")).contains("F written");
    assertThat(run("node")).contains("F Operation not permitted");
  }
}
