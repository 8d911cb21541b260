package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.plan.HostFacts;
import dev.waybill.nativerunner.spec.Capability;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What `features` says: only what this version really does on this host. */
final class Features {
  private static final List<String> MOUNT_OPTIONS = mountOptions();

  private static final List<String> SECCOMP_FLAGS =
      List.of(
          "SECCOMP_FILTER_FLAG_LOG",
          "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
          "SECCOMP_FILTER_FLAG_TSYNC",
          "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");

  /** Attributes hold for one mount, and with an {@code r} before them for those below as well. */
  private static List<String> mountOptions() {
    List<String> options =
        new ArrayList<>(List.of("bind", "rbind", "idmap", "ridmap", "defaults", "tmpcopyup"));
    for (String attribute :
        List.of(
            "ro",
            "rw",
            "nosuid",
            "suid",
            "nodev",
            "dev",
            "noexec",
            "exec",
            "relatime",
            "norelatime",
            "noatime",
            "atime",
            "strictatime",
            "nostrictatime",
            "nodiratime",
            "diratime",
            "nosymfollow",
            "symfollow",
            "private",
            "shared",
            "slave",
            "unbindable")) {
      options.add(attribute);
      options.add("r" + attribute);
    }
    return List.copyOf(options);
  }

  private Features() {}

  /**
   * The document.
   *
   * @param checkpoint whether criu works here, which the command line has tried
   */
  static String json(HostFacts facts, boolean checkpoint) {
    String capabilities =
        Arrays.stream(Capability.values())
            .filter(c -> (facts.knownCapabilities() & c.bit()) != 0)
            .map(c -> "\"CAP_" + c.name() + "\"")
            .collect(Collectors.joining(","));
    return """
        {"ociVersionMin":"1.0.0","ociVersionMax":"1.3.0","hooks":["prestart","createRuntime",
          "createContainer","startContainer","poststart","poststop"],
         "mountOptions":[%s],
         "linux":{"namespaces":[%s],
          "capabilities":[%s],
          "cgroup":{"v1":%s,"v2":%s,"systemd":true,"systemdUser":false},
          "seccomp":{"enabled":true,
           "actions":["SCMP_ACT_ALLOW","SCMP_ACT_ERRNO","SCMP_ACT_KILL","SCMP_ACT_KILL_PROCESS",
            "SCMP_ACT_KILL_THREAD","SCMP_ACT_LOG","SCMP_ACT_NOTIFY","SCMP_ACT_TRACE","SCMP_ACT_TRAP"],
           "operators":["SCMP_CMP_EQ","SCMP_CMP_GE","SCMP_CMP_GT","SCMP_CMP_LE","SCMP_CMP_LT",
            "SCMP_CMP_MASKED_EQ","SCMP_CMP_NE"],"archs":["SCMP_ARCH_X32","SCMP_ARCH_X86","SCMP_ARCH_X86_64"],
           "knownFlags":[%s],"supportedFlags":[%s]},
          "apparmor":{"enabled":%s},"selinux":{"enabled":%s},"intelRdt":{"enabled":false},"netDevices":{"enabled":true},
          "mountExtensions":{"idmap":{"enabled":true}}},
         "annotations":{"dev.waybill.runner.version":"0.1.0","dev.waybill.checkpoint.enabled":"%s"},
         "potentiallyUnsafeConfigAnnotations":["dev.waybill.rootfs.lowerdir",
          "dev.waybill.rootfs.upperdir","dev.waybill.rootfs.workdir","dev.waybill.seccomp"]}
        """
        .formatted(
            quoted(MOUNT_OPTIONS),
            quoted(namespaces(facts)),
            capabilities,
            !facts.cgroups().isV2(),
            facts.cgroups().isV2(),
            quoted(SECCOMP_FLAGS),
            quoted(SECCOMP_FLAGS),
            facts.supports().contains(HostFacts.APPARMOR),
            facts.supports().contains(HostFacts.SELINUX),
            checkpoint);
  }

  private static List<String> namespaces(HostFacts facts) {
    List<String> names =
        new ArrayList<>(List.of("cgroup", "ipc", "mount", "network", "pid", "user", "uts"));
    if (facts.supports().contains(HostFacts.TIME)) {
      names.add("time");
    }
    return names;
  }

  private static String quoted(List<String> words) {
    return words.stream().sorted().map(JsonText::quote).collect(Collectors.joining(","));
  }
}
