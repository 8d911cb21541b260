package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.spec.Capability;
import dev.waybill.oci.runtime.Linux;
import java.util.List;
import java.util.Map;

/**
 * New and joined namespaces. Those joined by path are entered by the executor before the clone,
 * which returns to its own afterwards; only a mount namespace is entered by the new process, for
 * the executor needs the host's paths.
 */
final class NamespaceSteps {
  static final int NEWNS = 0x20000;
  static final int NEWUSER = 0x10000000;
  static final int NEWPID = 0x20000000;
  static final int NEWCGROUP = 0x2000000;
  static final int NEWTIME = 0x80;
  static final int NEWNET = 0x40000000;

  private static final Map<String, Integer> FLAGS =
      Map.of(
          "mount", NEWNS,
          "user", NEWUSER,
          "pid", NEWPID,
          "network", NEWNET,
          "ipc", 0x8000000,
          "uts", 0x4000000,
          "cgroup", NEWCGROUP,
          "time", NEWTIME);

  private final Linux linux;
  private final HostFacts host;

  NamespaceSteps(Linux linux, HostFacts host) {
    this.linux = linux;
    this.host = host;
  }

  private static String origin(int index) {
    return "linux.namespaces[" + index + "]";
  }

  static int flag(Linux.Namespace namespace) {
    Integer flag = FLAGS.get(namespace.type());
    if (flag == null) {
      throw new IllegalStateException("SpecRules let namespace " + namespace.type() + " through");
    }
    return flag;
  }

  private boolean isNew(int flag) {
    return linux.namespaces().stream().anyMatch(n -> n.path().isEmpty() && flag(n) == flag);
  }

  void joinAndClone(PlanBuilder plan, String cgroup) {
    int flags = 0;
    for (int i = 0; i < linux.namespaces().size(); i++) {
      Linux.Namespace namespace = linux.namespaces().get(i);
      int flag = flag(namespace);
      if (!namespace.path().isEmpty()) {
        if (flag != NEWNS && !isJoinedInside(flag)) {
          plan.host(new Op.Join(namespace.path(), flag), origin(i));
        }
      } else if (flag == NEWTIME) {
        if (host.has(Capability.SYS_ADMIN)) {
          addTime(plan, origin(i));
        }
      } else if (flag != NEWCGROUP) {
        // A cgroup namespace shows the cgroup that it was made in, so it is made later.
        flags |= flag;
      }
    }
    plan.host(new Op.Clone(flags, cgroup), "linux.namespaces");
  }

  /** Its clocks can be set only as long as no process is in it: the executor's children will be. */
  private void addTime(PlanBuilder plan, String origin) {
    plan.host(new Op.Unshare(NEWTIME), origin);
    String offsets = timeOffsets();
    if (!offsets.isEmpty()) {
      plan.host(new Op.WriteFile("/proc/self/timens_offsets", offsets), "linux.timeOffsets");
    }
  }

  private String timeOffsets() {
    StringBuilder offsets = new StringBuilder();
    linux
        .timeOffsets()
        .forEach(
            (clock, o) -> offsets.append("%s %d %d%n".formatted(clock, o.secs(), o.nanosecs())));
    return offsets.toString();
  }

  /**
   * A runner without rights may enter a namespace only from the user namespace that it belongs to.
   * Process ids are the exception, for they are given at the clone.
   */
  private boolean isJoinedInside(int flag) {
    return !host.has(Capability.SYS_ADMIN)
        && isJoined(NEWUSER)
        && flag != NEWUSER
        && flag != NEWPID;
  }

  private boolean isJoined(int flag) {
    return linux.namespaces().stream().anyMatch(n -> !n.path().isEmpty() && flag(n) == flag);
  }

  void mapIds(PlanBuilder plan) {
    if (isNew(NEWUSER)) {
      new IdMaps(linux, host).add(plan);
    }
  }

  /** Network devices of the host that go into the container's network. */
  void moveLinks(PlanBuilder plan) {
    linux
        .netDevices()
        .forEach(
            (device, wanted) ->
                plan.parent(
                    new Op.MoveLink(device, wanted.name().isEmpty() ? device : wanted.name()),
                    "linux.netDevices." + device));
  }

  /** First thing inside: be root there, in the mount namespace that is meant. */
  void enter(PlanBuilder plan) {
    if (isNew(NEWUSER)) {
      plan.container(new Op.AwaitParent(), "linux.uidMappings");
      plan.container(new Op.SetIds(0, 0, List.of()), "linux.uidMappings");
    }
    if (isJoined(NEWUSER)) {
      plan.container(new Op.SetIds(0, 0, List.of()), "linux.namespaces");
    }
    for (int i = 0; i < linux.namespaces().size(); i++) {
      Linux.Namespace namespace = linux.namespaces().get(i);
      int flag = flag(namespace);
      if (!namespace.path().isEmpty() && (flag == NEWNS || isJoinedInside(flag))) {
        plan.container(new Op.Join(namespace.path(), flag), origin(i));
      }
      if (namespace.path().isEmpty() && flag == NEWTIME && !host.has(Capability.SYS_ADMIN)) {
        plan.container(new Op.TimeSpace(timeOffsets()), origin(i));
      }
    }
  }

  /** As runc does: a network without its loopback device is no network to a program. */
  void loopback(PlanBuilder plan) {
    for (int i = 0; i < linux.namespaces().size(); i++) {
      Linux.Namespace namespace = linux.namespaces().get(i);
      if (namespace.path().isEmpty() && flag(namespace) == NEWNET) {
        plan.container(new Op.Loopback(), origin(i));
      }
    }
  }

  void cgroupNamespace(PlanBuilder plan) {
    if (isNew(NEWCGROUP)) {
      plan.container(new Op.Unshare(NEWCGROUP), "linux.namespaces");
    }
  }
}
