package dev.waybill.noderunner.bundle;

import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.oci.runtime.ContainerProcess;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;

/**
 * The privileges of a container's processes.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/capabilities.7.html">capabilities(7)</a>
 */
final class Capabilities {
  private static final List<String> DEFAULT =
      List.of(
          "CAP_AUDIT_WRITE",
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_MKNOD",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_RAW",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_SETUID",
          "CAP_SYS_CHROOT");

  private static final List<String> ALL =
      List.of(
          "CAP_AUDIT_CONTROL",
          "CAP_AUDIT_READ",
          "CAP_AUDIT_WRITE",
          "CAP_BLOCK_SUSPEND",
          "CAP_BPF",
          "CAP_CHECKPOINT_RESTORE",
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_DAC_READ_SEARCH",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_IPC_LOCK",
          "CAP_IPC_OWNER",
          "CAP_KILL",
          "CAP_LEASE",
          "CAP_LINUX_IMMUTABLE",
          "CAP_MAC_ADMIN",
          "CAP_MAC_OVERRIDE",
          "CAP_MKNOD",
          "CAP_NET_ADMIN",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_BROADCAST",
          "CAP_NET_RAW",
          "CAP_PERFMON",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_SETUID",
          "CAP_SYSLOG",
          "CAP_SYS_ADMIN",
          "CAP_SYS_BOOT",
          "CAP_SYS_CHROOT",
          "CAP_SYS_MODULE",
          "CAP_SYS_NICE",
          "CAP_SYS_PACCT",
          "CAP_SYS_PTRACE",
          "CAP_SYS_RAWIO",
          "CAP_SYS_RESOURCE",
          "CAP_SYS_TIME",
          "CAP_SYS_TTY_CONFIG",
          "CAP_WAKE_ALARM");

  private Capabilities() {}

  /** Defaults, less what is dropped, and what is added; another user than root starts with none. */
  static ContainerProcess.Capabilities of(ContainerSpec wish, boolean root) {
    SequencedSet<String> granted = new LinkedHashSet<>(DEFAULT);
    for (String name : wish.getCapDropList()) {
      granted.removeAll(named(name));
    }
    for (String name : wish.getCapAddList()) {
      granted.addAll(named(name));
    }
    List<String> set = granted.stream().sorted().toList();
    List<String> held = root ? set : List.of();
    return new ContainerProcess.Capabilities(set, held, List.of(), held, List.of());
  }

  private static List<String> named(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    if (upper.equals("ALL")) {
      return ALL;
    }
    return List.of(upper.startsWith("CAP_") ? upper : "CAP_" + upper);
  }
}
