package dev.waybill.nativerunner.seccomp;

import dev.waybill.nativerunner.spec.Capability;
import dev.waybill.oci.runtime.Seccomp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The profile of a container that asks for none of its own: every call that exists today, apart
 * from those that reach beyond a container; what a kernel adds tomorrow answers ENOSYS, as on a
 * kernel that doesn't have it.
 */
public final class DefaultProfile {
  private static final String ALLOW = "SCMP_ACT_ALLOW";
  private static final String ERRNO = "SCMP_ACT_ERRNO";

  /** Calls that act on the whole host, or that have no business inside a container. */
  private static final Set<String> REFUSED =
      Set.of(
          // kernel code and clocks of the host
          "create_module",
          "query_module",
          "get_kernel_syms",
          "kexec_load",
          "kexec_file_load",
          // views into the kernel and other processes
          "lookup_dcookie",
          "userfaultfd",
          "pidfd_getfd",
          // keys are not namespaced
          "add_key",
          "request_key",
          "keyctl",
          // obsolete doors, and one whose calls a filter cannot see
          "nfsservctl",
          "uselib",
          "ustat",
          "sysfs",
          "_sysctl",
          "vserver",
          "afs_syscall",
          "getpmsg",
          "putpmsg",
          "tuxcall",
          "security",
          "io_uring_setup",
          "io_uring_enter",
          "io_uring_register");

  /** Calls that only somebody with a capability may make. */
  private static final Map<Capability, Set<String>> BY_CAPABILITY =
      Map.ofEntries(
          entry(
              Capability.SYS_ADMIN,
              "mount",
              "umount2",
              "pivot_root",
              "unshare",
              "setns",
              "open_tree",
              "move_mount",
              "fsopen",
              "fsconfig",
              "fsmount",
              "fspick",
              "mount_setattr",
              "open_tree_attr",
              "sethostname",
              "setdomainname",
              "fanotify_init",
              "quotactl",
              "quotactl_fd",
              "swapon",
              "swapoff",
              "open_by_handle_at"),
          entry(Capability.SYS_BOOT, "reboot"),
          entry(Capability.SYS_MODULE, "init_module", "finit_module", "delete_module"),
          entry(Capability.SYS_PACCT, "acct"),
          entry(
              Capability.SYS_PTRACE,
              "kcmp",
              "process_vm_readv",
              "process_vm_writev",
              "process_madvise"),
          entry(Capability.SYS_RAWIO, "iopl", "ioperm"),
          entry(Capability.SYS_TIME, "settimeofday", "clock_settime", "clock_adjtime", "adjtimex"),
          entry(Capability.SYS_TTY_CONFIG, "vhangup"),
          entry(
              Capability.SYS_NICE,
              "mbind",
              "migrate_pages",
              "move_pages",
              "set_mempolicy_home_node"),
          entry(Capability.SYSLOG, "syslog"),
          entry(Capability.BPF, "bpf"),
          entry(Capability.PERFMON, "perf_event_open"));

  private static Map.Entry<Capability, Set<String>> entry(Capability needed, String... calls) {
    return Map.entry(needed, Set.of(calls));
  }

  /** The flags of clone(2) that make namespaces. */
  private static final long NAMESPACE_FLAGS = 0x7e020000L;

  private static final int AF_ALG = 38;
  private static final int AF_VSOCK = 40;

  private DefaultProfile() {}

  /**
   * The profile as {@code linux.seccomp} would have it.
   *
   * @param capabilities mask of those that the container can have
   */
  public static Seccomp profile(long capabilities) {
    SortedSet<String> refused = new TreeSet<>(REFUSED);
    BY_CAPABILITY.forEach(
        (needed, calls) -> {
          if ((capabilities & needed.bit()) == 0) {
            refused.addAll(calls);
          }
        });
    List<String> allowed = new ArrayList<>(SyscallTable.x86_64().names());
    allowed.removeAll(refused);
    allowed.removeAll(List.of("clone", "clone3", "personality", "socket"));
    List<Seccomp.Rule> rules = new ArrayList<>();
    rules.add(new Seccomp.Rule(allowed, ALLOW, null, List.of()));
    rules.add(new Seccomp.Rule(List.copyOf(refused), ERRNO, Action.EPERM, List.of()));
    if ((capabilities & Capability.SYS_ADMIN.bit()) != 0) {
      rules.add(new Seccomp.Rule(List.of("clone", "clone3"), ALLOW, null, List.of()));
    }
    rules.add(rule("clone", 0, NAMESPACE_FLAGS, 0, "SCMP_CMP_MASKED_EQ"));
    rules.add(new Seccomp.Rule(List.of("clone"), ERRNO, Action.EPERM, List.of()));
    // Its flags lie in memory, where a filter cannot look; libraries then fall back to clone.
    rules.add(new Seccomp.Rule(List.of("clone3"), ERRNO, Action.ENOSYS, List.of()));
    for (long persona : new long[] {0, 8, 0x20000, 0x20008, 0xffffffffL}) {
      rules.add(rule("personality", 0, persona, 0, "SCMP_CMP_EQ"));
    }
    rules.add(new Seccomp.Rule(List.of("personality"), ERRNO, 1, List.of()));
    rules.add(
        new Seccomp.Rule(
            List.of("socket"),
            ERRNO,
            1,
            List.of(new Seccomp.Argument(0, AF_VSOCK, 0, "SCMP_CMP_EQ"))));
    rules.add(
        new Seccomp.Rule(
            List.of("socket"),
            ERRNO,
            1,
            List.of(new Seccomp.Argument(0, AF_ALG, 0, "SCMP_CMP_EQ"))));
    rules.add(new Seccomp.Rule(List.of("socket"), ALLOW, null, List.of()));
    return new Seccomp(ERRNO, Action.ENOSYS, List.of("SCMP_ARCH_X86_64"), List.of(), "", rules);
  }

  private static Seccomp.Rule rule(String name, int index, long value, long two, String op) {
    return new Seccomp.Rule(
        List.of(name), ALLOW, null, List.of(new Seccomp.Argument(index, value, two, op)));
  }
}
