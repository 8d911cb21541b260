package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.spec.SpecRules;
import dev.waybill.oci.runtime.Linux;
import dev.waybill.oci.runtime.Spec;
import java.util.List;

/** The device files and links that the runtime-spec promises, and those that are asked for. */
final class DeviceSteps {
  private static final int CHARACTER = 0020000;
  private static final int BLOCK = 0060000;
  private static final int FIFO = 0010000;
  private static final int ANYONE = 0666;

  private record Standard(String path, int major, int minor) {}

  private static final List<Standard> STANDARD =
      List.of(
          new Standard("/dev/null", 1, 3),
          new Standard("/dev/zero", 1, 5),
          new Standard("/dev/full", 1, 7),
          new Standard("/dev/random", 1, 8),
          new Standard("/dev/urandom", 1, 9),
          new Standard("/dev/tty", 5, 0));

  private final Spec spec;
  private final HostFacts host;
  private final PlanBuilder plan;

  DeviceSteps(Spec spec, HostFacts host, PlanBuilder plan) {
    this.spec = spec;
    this.host = host;
    this.plan = plan;
  }

  void add() {
    boolean hostDev =
        spec.mounts().stream()
            .anyMatch(
                m ->
                    m.destination().equals("/dev")
                        && (m.type().equals("bind") || MountOptions.parse(m.options()).bind()));
    if (hostDev) {
      return; // the host's own devices are there already
    }
    // Nobody may make device files in a user namespace: there the host's are shown.
    boolean user = SpecRules.hasNamespace(spec.linux(), "user") || host.runner().nested();
    for (Standard device : STANDARD) {
      node(
          user,
          new Op.MakeNode(device.path(), CHARACTER | ANYONE, device.major(), device.minor(), 0, 0),
          Compiler.EVERY);
    }
    List<Linux.Device> devices = spec.linux().devices();
    for (int i = 0; i < devices.size(); i++) {
      // Engines name every device of the host; this one is a terminal of the container's own.
      if (!devices.get(i).path().equals("/dev/ptmx")) {
        node(user, make(devices.get(i)), "linux.devices[" + i + "]");
      }
    }
    link("/proc/self/fd", "/dev/fd");
    link("/proc/self/fd/0", "/dev/stdin");
    link("/proc/self/fd/1", "/dev/stdout");
    link("/proc/self/fd/2", "/dev/stderr");
    link("pts/ptmx", "/dev/ptmx");
  }

  private void node(boolean user, Op.MakeNode node, String origin) {
    plan.container(
        user ? new Op.Bind(node.path(), node.path(), false, 0, 0, false, 0, 0) : node, origin);
  }

  private static Op.MakeNode make(Linux.Device device) {
    int type =
        switch (device.type()) {
          case "b" -> BLOCK;
          case "p" -> FIFO;
          default -> CHARACTER;
        };
    int mode = device.fileMode() == null ? ANYONE : device.fileMode() & 07777;
    return new Op.MakeNode(
        device.path(),
        type | mode,
        (int) device.major(),
        (int) device.minor(),
        device.uid() == null ? 0 : device.uid().intValue(),
        device.gid() == null ? 0 : device.gid().intValue());
  }

  private void link(String target, String path) {
    plan.container(new Op.Symlink(target, path), Compiler.EVERY);
  }
}
