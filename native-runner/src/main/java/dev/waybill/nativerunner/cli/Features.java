package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.plan.HostFacts;
import dev.waybill.nativerunner.spec.Capability;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What `features` says: only what this version really does on this host. */
final class Features {
  private Features() {}

  static String json(HostFacts facts) {
    String capabilities =
        Arrays.stream(Capability.values())
            .filter(c -> (facts.knownCapabilities() & c.bit()) != 0)
            .map(c -> "\"CAP_" + c.name() + "\"")
            .collect(Collectors.joining(","));
    return """
        {"ociVersionMin":"1.0.0","ociVersionMax":"1.2.0","hooks":[],
         "mountOptions":["bind","rbind","ro","rw","nosuid","suid","nodev","dev","noexec","exec","relatime",
          "noatime","strictatime","nodiratime","nosymfollow","rro","rnosuid","rnodev","rnoexec","private",
          "rprivate","shared","rshared","slave","rslave","unbindable","runbindable"],
         "linux":{"namespaces":["cgroup","ipc","mount","network","pid","user","uts"],
          "capabilities":[%s],
          "cgroup":{"v1":%s,"v2":%s,"systemd":false,"systemdUser":false},
          "seccomp":{"enabled":true,
           "actions":["SCMP_ACT_ALLOW","SCMP_ACT_ERRNO","SCMP_ACT_KILL","SCMP_ACT_KILL_PROCESS",
            "SCMP_ACT_KILL_THREAD","SCMP_ACT_LOG","SCMP_ACT_TRACE","SCMP_ACT_TRAP"],
           "operators":["SCMP_CMP_EQ","SCMP_CMP_GE","SCMP_CMP_GT","SCMP_CMP_LE","SCMP_CMP_LT",
            "SCMP_CMP_MASKED_EQ","SCMP_CMP_NE"],"archs":["SCMP_ARCH_X86_64"]},
          "apparmor":{"enabled":false},"selinux":{"enabled":false}}}
        """
        .formatted(capabilities, !facts.cgroups().isV2(), facts.cgroups().isV2());
  }
}
