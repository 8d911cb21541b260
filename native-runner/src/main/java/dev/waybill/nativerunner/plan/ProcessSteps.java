package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.spec.Capability;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.ContainerProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From root in its namespaces to the program: limits, working directory, user, capabilities,
 * filter.
 */
final class ProcessSteps {
  private final PlanBuilder plan;
  private final ContainerProcess process;
  private final HostFacts host;
  private final boolean userSpace;

  /**
   * The steps of one process.
   *
   * @param userSpace whether it is in a user namespace of its container, whose root has every
   *     capability there
   */
  ProcessSteps(PlanBuilder plan, ContainerProcess process, HostFacts host, boolean userSpace) {
    this.plan = plan;
    this.process = process;
    this.host = host;
    this.userSpace = userSpace;
  }

  void oomScore() {
    Integer wanted = process.oomScoreAdj();
    if (wanted == null) {
      return;
    }
    int given = wanted;
    if (wanted < host.oomScoreMin() && !host.has(Capability.SYS_RESOURCE)) {
      given = host.oomScoreMin();
      plan.note(
          "process.oomScoreAdj: %d instead of %d, the runner lacks CAP_SYS_RESOURCE"
              .formatted(given, wanted));
    }
    if (host.runner().isRootless()) {
      // A process that hides from its container has files of the host's root; it inherits instead.
      plan.host(
          new Op.WriteFile("/proc/self/oom_score_adj", Integer.toString(given)),
          "process.oomScoreAdj");
      return;
    }
    plan.parent(new Op.OomScore(given), "process.oomScoreAdj");
  }

  /**
   * From the start on.
   *
   * @param status of the container at this moment
   */
  void start(SecuritySteps security, HookSteps hooks, String status) throws RefusedSpecException {
    home(); // before a limit of open files could keep it from being read
    rlimits();
    new SchedulingSteps(plan).process(process);
    Sets sets = capabilities();
    Op.@Nullable Seccomp filter = security.filter(sets.bounding(), status);
    plan.start(new Op.Chdir(process.cwd()), "process.cwd");
    security.labels(process);
    if (filter != null && !process.noNewPrivileges()) {
      // Without no_new_privs a filter may only be loaded with CAP_SYS_ADMIN, so before it is
      // dropped.
      plan.start(filter, security.filterOrigin());
    }
    become(sets);
    if (process.noNewPrivileges()) {
      plan.start(new Op.NoNewPrivs(), "process.noNewPrivileges");
      if (filter != null) {
        plan.start(filter, security.filterOrigin());
      }
    }
    hooks.beforeExec();
    plan.start(new Op.Exec(process.args(), process.env()), "process.args");
  }

  private void home() {
    String said =
        process.env().stream()
            .filter(word -> word.startsWith("HOME="))
            .reduce("", (_, last) -> last);
    if (said.isEmpty() || said.equals("HOME=")) {
      plan.start(new Op.FindHome((int) process.user().uid()), "process.env");
    }
  }

  private void become(Sets sets) {
    plan.start(new Op.Bounding(sets.bounding()), "process.capabilities.bounding");
    ContainerProcess.User user = process.user();
    plan.start(
        new Op.SetIds(
            (int) user.uid(),
            (int) user.gid(),
            user.additionalGids().stream().map(Long::intValue).toList()),
        "process.user");
    if (user.umask() != null) {
      plan.start(new Op.Umask(user.umask()), "process.user.umask");
    }
    plan.start(
        new Op.Capabilities(sets.effective(), sets.permitted(), sets.inheritable(), sets.ambient()),
        "process.capabilities");
  }

  private void rlimits() throws RefusedSpecException {
    for (int i = 0; i < process.rlimits().size(); i++) {
      ContainerProcess.Rlimit limit = process.rlimits().get(i);
      String path = "process.rlimits[" + i + "]";
      int number = Rlimits.number(limit.type());
      if (number < 0) {
        throw new RefusedSpecException(
            path + ".type", "'" + limit.type() + "' is not a resource limit");
      }
      long most = host.hardLimits().getOrDefault(number, -1L);
      long hard = limit.hard();
      long soft = limit.soft();
      if (!host.has(Capability.SYS_RESOURCE) && Long.compareUnsigned(hard, most) > 0) {
        plan.note(
            "%s: %s lowered to the runner's hard limit %s, it lacks CAP_SYS_RESOURCE"
                .formatted(path, limit.type(), Long.toUnsignedString(most)));
        hard = most;
        soft = Long.compareUnsigned(soft, most) > 0 ? most : soft;
      }
      Op.Rlimit rlimit = new Op.Rlimit(number, soft, hard);
      if (userSpace && Long.compareUnsigned(hard, most) > 0) {
        plan.parent(rlimit, path); // inside nobody may raise a hard limit any more
      } else {
        plan.start(rlimit, path);
      }
    }
  }

  private record Sets(
      long bounding, long effective, long permitted, long inheritable, long ambient) {}

  private Sets capabilities() {
    ContainerProcess.Capabilities wanted = process.capabilities();
    if (wanted == null) {
      return new Sets(0, 0, 0, 0, 0);
    }
    List<String> lacking = new ArrayList<>();
    long bounding = mask(wanted.bounding(), lacking);
    long permitted = mask(wanted.permitted(), lacking);
    long effective = mask(wanted.effective(), lacking) & permitted;
    long inheritable = mask(wanted.inheritable(), lacking);
    long ambient = mask(wanted.ambient(), lacking) & permitted & inheritable;
    lacking.stream()
        .distinct()
        .forEach(
            name ->
                plan.note("process.capabilities: " + name + " is left out, the runner lacks it"));
    return new Sets(bounding, effective, permitted, inheritable, ambient);
  }

  private boolean isThere(Capability capability) {
    return userSpace ? (host.knownCapabilities() & capability.bit()) != 0 : host.has(capability);
  }

  private long mask(List<String> names, List<String> lacking) {
    long mask = 0;
    for (String name : names) {
      Optional<Capability> capability = Capability.parse(name);
      if (capability.isEmpty() || !isThere(capability.get())) {
        lacking.add(name);
      } else {
        mask |= capability.get().bit();
      }
    }
    return mask;
  }
}
