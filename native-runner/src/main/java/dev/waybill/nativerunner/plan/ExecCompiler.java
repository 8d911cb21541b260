package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.cgroup.CgroupPlan;
import dev.waybill.nativerunner.spec.Problem;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.nativerunner.spec.SpecRules;
import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.Linux;
import dev.waybill.oci.runtime.Spec;
import java.util.List;

/** Compiles the plan of a further process in a running container. Pure. */
public final class ExecCompiler {
  private static final int BORN_IN = NamespaceSteps.NEWPID | NamespaceSteps.NEWUSER;

  private ExecCompiler() {}

  /**
   * The container's first process.
   *
   * @param start its start time in ticks since boot, which tells it from a later process of its pid
   */
  public record Target(int pid, long start) {}

  /**
   * Compiles a plan.
   *
   * @param container the container's own launch; its stdio and state directory are the new
   *     process's
   */
  public static LaunchPlan compile(
      Launch container, ContainerProcess process, Target target, HostFacts host)
      throws RefusedSpecException {
    List<Problem> problems = SpecRules.check(process);
    if (!problems.isEmpty()) {
      throw new RefusedSpecException(problems);
    }
    PlanBuilder plan = new PlanBuilder();
    Spec spec = container.spec();
    SecuritySteps security = new SecuritySteps(container, host, plan);
    SchedulingSteps scheduling = new SchedulingSteps(plan);
    plan.host(new Op.StateDir(container.stateDir(), false, true), Compiler.EVERY);
    StdioSteps.add(plan, container.stdio(), process.terminal());
    // Children are born in the pid namespace, and in the user namespace that it belongs to; the
    // other ones are entered by the child itself.
    int inside = 0;
    int pid = 0;
    for (Linux.Namespace namespace : spec.linux().namespaces()) {
      int flag = NamespaceSteps.flag(namespace);
      pid |= flag & BORN_IN;
      inside |= flag & ~BORN_IN;
    }
    plan.host(new Op.JoinProcess(target.pid(), target.start(), pid), "linux.namespaces");
    scheduling.execAffinity(process);
    CgroupPlan cgroups = Compiler.cgroups(spec, container.id(), host);
    for (String directory : cgroups.joins()) {
      plan.container(new Op.JoinCgroup(directory), "linux.cgroupsPath");
    }
    boolean userSpace = (pid & NamespaceSteps.NEWUSER) != 0;
    ProcessSteps steps = new ProcessSteps(plan, process, host, userSpace);
    steps.oomScore();
    plan.container(new Op.AwaitParent(), Compiler.EVERY);
    if (container.keyring() == Launch.Keyring.OWN) {
      plan.container(new Op.SessionKeyring("waybill-" + container.id()), Compiler.EVERY);
    }
    plan.container(new Op.JoinProcess(target.pid(), target.start(), inside), "linux.namespaces");
    if (userSpace) {
      plan.container(new Op.SetIds(0, 0, List.of()), "linux.uidMappings");
    }
    if (process.terminal()) {
      ContainerProcess.ConsoleSize size = process.consoleSize();
      plan.container(
          new Op.Terminal(
              size == null ? StdioSteps.ROWS : size.height(),
              size == null ? StdioSteps.COLUMNS : size.width(),
              false),
          "process.terminal");
    }
    scheduling.container(spec.linux());
    steps.start(security, new HookSteps(container.withoutHooks(), plan), "running");
    plan.host(new Op.Clone(0, cgroups.cloneInto()), "linux.namespaces");
    return plan.build();
  }
}
