package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.cgroup.CgroupPlan;
import dev.waybill.nativerunner.cgroup.SystemdScope;
import dev.waybill.nativerunner.spec.Problem;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.nativerunner.spec.SpecRules;
import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.Linux;
import dev.waybill.oci.runtime.Resources;
import dev.waybill.oci.runtime.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Compiles the launch plan of a container. Pure. */
public final class Compiler {
  static final String EVERY = "(every container)";
  private static final int DIR_MODE = 0755;
  private static final String STANDARD_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Launch launch;
  private final Spec spec;
  private final HostFacts host;
  private final PlanBuilder plan = new PlanBuilder();

  private Compiler(Launch launch, HostFacts host) {
    this.launch = launch;
    this.spec = launch.spec();
    this.host = host;
  }

  /**
   * Compiles a plan.
   *
   * @throws RefusedSpecException if no container can be made from the configuration
   */
  public static LaunchPlan compile(Launch launch, HostFacts host) throws RefusedSpecException {
    List<Problem> problems = new ArrayList<>(SpecRules.check(launch.spec()));
    problems.addAll(RootlessRules.check(launch.spec(), host));
    problems.addAll(cgroups(launch.spec(), launch.id(), host).refusals());
    if (!problems.isEmpty()) {
      throw new RefusedSpecException(problems);
    }
    return new Compiler(launch, host).compile();
  }

  /**
   * Where a container's cgroups lie below each hierarchy's mount.
   *
   * @throws RefusedSpecException if the configuration names no place as systemd has them
   */
  public static String cgroupPath(Spec spec, String id, HostFacts host)
      throws RefusedSpecException {
    String path = spec.linux().cgroupsPath();
    if (host.cgroups().bySystemd()) {
      return SystemdScope.of(path, id).path();
    }
    return path.isEmpty() ? "/waybill/" + id : path;
  }

  /** The cgroups that a container has. */
  public static CgroupPlan cgroups(Spec spec, String id, HostFacts host)
      throws RefusedSpecException {
    return CgroupPlan.of(cgroupPath(spec, id, host), resources(spec), host.cgroups());
  }

  private static Resources resources(Spec spec) {
    Resources resources = spec.linux().resources();
    return resources == null ? Resources.NONE : resources;
  }

  /** A configuration without a process can be created; what fails is its start. */
  private static ContainerProcess process(Spec spec) {
    ContainerProcess process = spec.process();
    return process != null
        ? process
        : new ContainerProcess(
            false,
            null,
            ContainerProcess.User.ROOT,
            List.of(""),
            List.of(),
            "/",
            null,
            List.of(),
            true,
            null,
            "",
            "");
  }

  private LaunchPlan compile() throws RefusedSpecException {
    ContainerProcess process = process(spec);
    SecuritySteps security = new SecuritySteps(launch, host, plan);
    security.checkHost();
    HookSteps hooks = new HookSteps(launch, plan);
    ProcessSteps steps =
        new ProcessSteps(plan, process, host, SpecRules.hasNamespace(spec.linux(), "user"));
    boolean waits = launch.begin() == Launch.Begin.WHEN_STARTED;
    boolean stays = launch.stdio() instanceof Launch.Stdio.Monitored;
    plan.host(new Op.StateDir(launch.stateDir(), waits, stays), EVERY);
    StdioSteps.add(plan, launch.stdio(), process.terminal());
    CgroupPlan cgroups = cgroups(spec, launch.id(), host);
    boolean joinsFirst = joinsFirst();
    outside(cgroups, steps, joinsFirst);
    MountSteps mounts = new MountSteps(launch, host, cgroups, plan);
    RootSteps root = new RootSteps(launch, plan);
    root.prepare();
    mounts.add();
    new DeviceSteps(spec, host, plan).add();
    inside(process);
    if (!joinsFirst) {
      joinCgroups(cgroups);
    }
    hooks.beforePivot();
    root.pivot();
    new NamespaceSteps(spec.linux(), host).cgroupNamespace(plan);
    if (waits) {
      findProgram(process);
      plan.container(new Op.AwaitStart(), EVERY);
    } else {
      plan.container(new Op.AwaitParent(), EVERY);
    }
    new SchedulingSteps(plan).container(spec.linux());
    steps.start(security, hooks, "created");
    hooks.afterwards();
    new NamespaceSteps(spec.linux(), host)
        .joinAndClone(plan, isBornThere(cgroups) ? cgroups.cloneInto() : "");
    return plan.build();
  }

  /**
   * The engines that use the command line expect to be told of a missing program at creation. A
   * path that is relative to the working directory is left to the start.
   */
  private void findProgram(ContainerProcess process) {
    String program = process.args().getFirst();
    boolean relative = program.indexOf('/') > 0;
    if (launch.stdio() instanceof Launch.Stdio.Monitored || program.isEmpty() || relative) {
      return;
    }
    String path =
        process.env().stream()
            .filter(word -> word.startsWith("PATH="))
            .reduce((_, last) -> last)
            .map(word -> word.substring("PATH=".length()))
            .orElse(STANDARD_PATH);
    plan.container(new Op.FindProgram(program, path), "process.args");
  }

  /**
   * Whether the new process needs its cgroups before its mounts: to show them, to pay for the files
   * that a mount copies, or because it can't reach them once it is inside a namespace. Otherwise
   * the executor makes them meanwhile.
   */
  private boolean joinsFirst() {
    return spec.mounts().stream()
            .anyMatch(m -> m.type().startsWith("cgroup") || m.options().contains("tmpcopyup"))
        || spec.linux().namespaces().stream()
            .anyMatch(
                n -> n.type().equals("user") || n.type().equals("mount") && !n.path().isEmpty());
  }

  /** The executor has made them when it lets the new process go on. */
  private void joinCgroups(CgroupPlan cgroups) {
    if (!isBornThere(cgroups)) {
      plan.container(new Op.AwaitParent(), "linux.cgroupsPath");
    }
    for (String directory : cgroups.joins()) {
      plan.container(new Op.JoinCgroup(directory), "linux.cgroupsPath");
    }
  }

  /** What the executor does to the new process, and what that does before its mounts. */
  private void outside(CgroupPlan cgroups, ProcessSteps steps, boolean joinsFirst)
      throws RefusedSpecException {
    NamespaceSteps namespaces = new NamespaceSteps(spec.linux(), host);
    namespaces.mapIds(plan);
    makeCgroups(cgroups);
    namespaces.moveLinks(plan);
    if (joinsFirst) {
      joinCgroups(cgroups);
    }
    steps.oomScore();
    if (launch.keyring() == Launch.Keyring.OWN) {
      plan.container(new Op.SessionKeyring("waybill-" + launch.id()), EVERY);
    }
    namespaces.enter(plan);
    namespaces.loopback(plan);
  }

  /**
   * On version 2 before the clone, for the process is born there; else while it makes its mounts.
   */
  private void makeCgroups(CgroupPlan cgroups) throws RefusedSpecException {
    Phase phase = isBornThere(cgroups) ? Phase.HOST : Phase.PARENT;
    if (host.cgroups().bySystemd()) {
      addScope();
    }
    for (String directory : cgroups.directories()) {
      plan.add(phase, new Op.MakeDir(directory, DIR_MODE), "linux.cgroupsPath");
    }
    for (String cpuset : cgroups.cpusets()) {
      plan.add(phase, new Op.InheritCpuset(cpuset), "linux.resources.cpu");
    }
    for (CgroupPlan.Write write : cgroups.writes()) {
      if (write.path().endsWith("/memory.memsw.limit_in_bytes") && !host.swapAccounting()) {
        plan.note(write.origin() + ": the host does not account swap, the limit is left out");
        continue;
      }
      // Only root of the host may say what devices are allowed; nobody else can make device files.
      if (!host.runner().isRootless() || !write.path().contains("/devices.")) {
        plan.add(phase, new Op.WriteFile(write.path(), write.value()), write.origin());
      }
    }
    if (cgroups.deviceProgram().length > 0 && !host.runner().isRootless()) {
      plan.add(
          phase,
          new Op.DeviceProgram(cgroups.cloneInto(), Bytes.of(cgroups.deviceProgram())),
          "linux.resources.devices");
    }
    delegate(cgroups, phase);
    cgroups.notes().forEach(plan::note);
  }

  /** Version 2 has a process born in its cgroup, unless systemd makes that around the process. */
  private boolean isBornThere(CgroupPlan cgroups) {
    return !cgroups.cloneInto().isEmpty() && !host.cgroups().bySystemd();
  }

  private void addScope() throws RefusedSpecException {
    SystemdScope scope = SystemdScope.of(spec.linux().cgroupsPath(), launch.id());
    SystemdScope.Start start = scope.start(resources(spec), host.cgroups().isV2());
    plan.parent(
        new Op.SystemdScope(scope.unit(), Bytes.of(start.message()), start.pidAt()),
        "linux.cgroupsPath");
  }

  /**
   * A container that sees its own cgroup and may write to it owns it.
   *
   * @see <a
   *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#cgroup-ownership">runtime-spec
   *     1.2, cgroup ownership</a>
   */
  private void delegate(CgroupPlan cgroups, Phase phase) {
    boolean writable =
        spec.mounts().stream()
            .anyMatch(m -> m.type().startsWith("cgroup") && !m.options().contains("ro"));
    boolean ownNamespace =
        spec.linux().namespaces().stream()
            .anyMatch(n -> n.type().equals("cgroup") && n.path().isEmpty());
    if (cgroups.cloneInto().isEmpty() || !writable || !ownNamespace) {
      return;
    }
    long uid = process(spec).user().uid();
    OptionalLong owner =
        SpecRules.hasNamespace(spec.linux(), "user")
            ? IdMaps.onHost(spec.linux().uidMappings(), uid)
            : OptionalLong.of(uid);
    if (owner.isPresent() && owner.getAsLong() != host.runner().uid()) {
      plan.add(
          phase,
          new Op.OwnCgroup(cgroups.cloneInto(), (int) owner.getAsLong()),
          "linux.cgroupsPath");
    }
  }

  private void inside(ContainerProcess process) {
    Linux linux = spec.linux();
    linux
        .sysctl()
        .forEach(
            (key, value) ->
                plan.container(
                    new Op.Sysctl("/proc/sys/" + key.replace('.', '/'), value),
                    "linux.sysctl." + key));
    for (int i = 0; i < linux.maskedPaths().size(); i++) {
      plan.container(new Op.Mask(linux.maskedPaths().get(i)), "linux.maskedPaths[" + i + "]");
    }
    for (int i = 0; i < linux.readonlyPaths().size(); i++) {
      plan.container(
          new Op.ReadOnly(linux.readonlyPaths().get(i)), "linux.readonlyPaths[" + i + "]");
    }
    if (!spec.hostname().isEmpty()) {
      plan.container(new Op.Hostname(spec.hostname()), "hostname");
    }
    if (!spec.domainname().isEmpty()) {
      plan.container(new Op.Domainname(spec.domainname()), "domainname");
    }
    if (process.terminal()) {
      ContainerProcess.ConsoleSize size = process.consoleSize();
      plan.container(
          new Op.Terminal(
              size == null ? StdioSteps.ROWS : size.height(),
              size == null ? StdioSteps.COLUMNS : size.width(),
              true),
          "process.terminal");
    }
    plan.container(new Op.EnsureDir(process.cwd(), DIR_MODE), "process.cwd");
  }
}
