package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.spec.Problem;
import dev.waybill.nativerunner.spec.SpecRules;
import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.Linux;
import dev.waybill.oci.runtime.Spec;
import java.util.ArrayList;
import java.util.List;

/**
 * What must hold in a new user namespace, and what a runner without rights can do at all. The
 * kernel would refuse the same with EINVAL or EPERM, and nobody could tell why.
 */
final class RootlessRules {
  private final Spec spec;
  private final Linux linux;
  private final HostFacts host;
  private final List<Problem> problems = new ArrayList<>();

  private RootlessRules(Spec spec, HostFacts host) {
    this.spec = spec;
    this.linux = spec.linux();
    this.host = host;
  }

  static List<Problem> check(Spec spec, HostFacts host) {
    RootlessRules rules = new RootlessRules(spec, host);
    boolean rootless = host.runner().uid() != 0;
    if (rootless && !SpecRules.hasNamespace(spec.linux(), "user")) {
      rules.add(
          "linux.namespaces",
          "user %d needs a user namespace; add {\"type\":\"user\"} with uidMappings and gidMappings, `spec --rootless` shows how"
              .formatted(host.runner().uid()));
    }
    if (rootless && !spec.linux().netDevices().isEmpty()) {
      rules.add("linux.netDevices", "only root can move a network device of the host");
    }
    if (!spec.linux().uidMappings().isEmpty()) {
      rules.checkUser();
      rules.checkMounts();
    }
    return List.copyOf(rules.problems);
  }

  private void add(String path, String message) {
    problems.add(new Problem(path, message));
  }

  private static boolean isMapped(List<Linux.IdMapping> mappings, long id) {
    return mappings.stream()
        .anyMatch(m -> id >= m.containerID() && id - m.containerID() < m.size());
  }

  private void checkUser() {
    if (!isMapped(linux.uidMappings(), 0) || !isMapped(linux.gidMappings(), 0)) {
      add("linux.uidMappings", "must map 0 of the container: its root makes the file system");
    }
    if (spec.process() == null) {
      return;
    }
    ContainerProcess.User user = spec.process().user();
    if (!isMapped(linux.uidMappings(), user.uid())) {
      add("process.user.uid", user.uid() + " is not mapped by linux.uidMappings");
    }
    if (!isMapped(linux.gidMappings(), user.gid())) {
      add("process.user.gid", user.gid() + " is not mapped by linux.gidMappings");
    }
    for (long group : user.additionalGids()) {
      if (!isMapped(linux.gidMappings(), group)) {
        add("process.user.additionalGids", group + " is not mapped by linux.gidMappings");
      }
    }
    if (!user.additionalGids().isEmpty() && new IdMaps(linux, host).deniesSetgroups()) {
      add(
          "process.user.additionalGids",
          "cannot be set where only the runner's own group is mapped; map a range of /etc/subgid");
    }
  }

  private void checkMounts() {
    for (int i = 0; i < spec.mounts().size(); i++) {
      for (String option : spec.mounts().get(i).options()) {
        String path = "mounts[" + i + "].options";
        checkOption(path, option, "uid=", linux.uidMappings());
        checkOption(path, option, "gid=", linux.gidMappings());
      }
    }
  }

  private void checkOption(String path, String option, String key, List<Linux.IdMapping> mappings) {
    if (!option.startsWith(key)) {
      return;
    }
    try {
      if (!isMapped(mappings, Long.parseLong(option.substring(key.length())))) {
        add(path, "'" + option + "' is not mapped in the user namespace; remove it");
      }
    } catch (NumberFormatException e) {
      add(path, "'" + option + "' is no number");
    }
  }
}
