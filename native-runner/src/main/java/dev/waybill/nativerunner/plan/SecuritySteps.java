package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.seccomp.DefaultProfile;
import dev.waybill.nativerunner.seccomp.FilterCompiler;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.Linux;
import dev.waybill.oci.runtime.Seccomp;
import org.jspecify.annotations.Nullable;

/** The filter of system calls, the labels of security modules, and what of them the host lacks. */
final class SecuritySteps {
  /** {@code default} asks for the runner's own profile when the configuration has none. */
  static final String SECCOMP_ANNOTATION = "dev.waybill.seccomp";

  private static final int NEW_LISTENER = 8;

  private final Launch launch;
  private final HostFacts host;
  private final PlanBuilder plan;

  SecuritySteps(Launch launch, HostFacts host, PlanBuilder plan) {
    this.launch = launch;
    this.host = host;
    this.plan = plan;
  }

  /** Refuses what the host cannot enforce: an unenforced label is worse than none. */
  void checkHost() throws RefusedSpecException {
    Linux linux = launch.spec().linux();
    if (!linux.mountLabel().isEmpty() && !host.supports().contains(HostFacts.SELINUX)) {
      throw new RefusedSpecException(
          "linux.mountLabel", "SELinux is not in force on this host; remove it");
    }
    if (linux.intelRdt() != null) {
      throw new RefusedSpecException(
          "linux.intelRdt",
          host.supports().contains(HostFacts.RDT)
              ? "this version does not set resource control; remove it"
              : "Intel RDT is not on this host, nothing is mounted at /sys/fs/resctrl; remove it");
    }
    boolean time = linux.namespaces().stream().anyMatch(n -> n.type().equals("time"));
    if (time && !host.supports().contains(HostFacts.TIME)) {
      throw new RefusedSpecException(
          "linux.namespaces", "this kernel has no time namespaces; remove it");
    }
  }

  /** Labels that the program gets when it is executed. */
  void labels(ContainerProcess process) throws RefusedSpecException {
    String profile = process.apparmorProfile();
    if (!profile.isEmpty() && !profile.equals("unconfined")) {
      label("process.apparmorProfile", HostFacts.APPARMOR, "AppArmor");
      String file =
          host.supports().contains(HostFacts.SELINUX)
              ? "/proc/thread-self/attr/apparmor/exec"
              : "/proc/thread-self/attr/exec";
      plan.start(new Op.Sysctl(file, "exec " + profile), "process.apparmorProfile");
    }
    if (!process.selinuxLabel().isEmpty()) {
      label("process.selinuxLabel", HostFacts.SELINUX, "SELinux");
      plan.start(
          new Op.Sysctl("/proc/thread-self/attr/exec", process.selinuxLabel()),
          "process.selinuxLabel");
    }
  }

  private void label(String path, String module, String name) throws RefusedSpecException {
    if (!host.supports().contains(module)) {
      throw new RefusedSpecException(path, name + " is not in force on this host; remove it");
    }
  }

  String filterOrigin() {
    return launch.spec().linux().seccomp() != null
        ? "linux.seccomp"
        : "annotations." + SECCOMP_ANNOTATION;
  }

  /**
   * The filter; absent when there is none.
   *
   * @param status of the container when the filter is loaded
   */
  Op.@Nullable Seccomp filter(long capabilities, String status) throws RefusedSpecException {
    Seccomp profile = launch.spec().linux().seccomp();
    if (profile == null && launch.spec().annotation(SECCOMP_ANNOTATION).equals("default")) {
      profile = DefaultProfile.profile(capabilities);
    }
    if (profile == null) {
      return null;
    }
    FilterCompiler.Filter filter = FilterCompiler.compile(profile);
    filter.notes().forEach(plan::note);
    if (!filter.notifies()) {
      return new Op.Seccomp(Bytes.of(filter.program()), filter.flags(), "");
    }
    if (profile.listenerPath().isEmpty()) {
      throw new RefusedSpecException(
          "linux.seccomp.listenerPath", "SCMP_ACT_NOTIFY needs somebody to notify; say a socket");
    }
    plan.host(new Op.SeccompListener(profile.listenerPath()), "linux.seccomp.listenerPath");
    return new Op.Seccomp(
        Bytes.of(filter.program()),
        filter.flags() | NEW_LISTENER,
        StateText.ofListener(launch, status, profile.listenerMetadata()));
  }
}
