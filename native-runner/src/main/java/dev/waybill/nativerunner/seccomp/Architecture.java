package dev.waybill.nativerunner.seccomp;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The three ways to make system calls on an x86_64 processor. Each numbers them otherwise, so a
 * filter for one is none for the others.
 */
enum Architecture {
  /** 64 bits, which every filter is for. */
  X86_64("SCMP_ARCH_X86_64", 0xc000003e, 0, "syscalls-x86_64.txt"),
  /** 32 bits: by {@code int 0x80} a program of 64 bits can make these calls as well. */
  X86("SCMP_ARCH_X86", 0x40000003, 0, "syscalls-x86.txt"),
  /** 64 bits with pointers of 32: the same entry as the first, with a bit in the number. */
  X32("SCMP_ARCH_X32", 0xc000003e, 0x40000000, "syscalls-x32.txt");

  /** Those of other processors, whose programs do not run here. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "AARCH64",
          "ARM",
          "LOONGARCH64",
          "M68K",
          "MIPS",
          "MIPS64",
          "MIPS64N32",
          "MIPSEL",
          "MIPSEL64",
          "MIPSEL64N32",
          "PARISC",
          "PARISC64",
          "PPC",
          "PPC64",
          "PPC64LE",
          "RISCV64",
          "S390",
          "S390X",
          "SH",
          "SHEB");

  /** {@code socketcall(2)} of 32 bits: which call its first argument means. */
  private static final List<String> SOCKET_CALLS =
      List.of(
          "",
          "socket",
          "bind",
          "connect",
          "listen",
          "accept",
          "getsockname",
          "getpeername",
          "socketpair",
          "send",
          "recv",
          "sendto",
          "recvfrom",
          "shutdown",
          "setsockopt",
          "getsockopt",
          "sendmsg",
          "recvmsg",
          "accept4",
          "recvmmsg",
          "sendmmsg");

  /** {@code ipc(2)} of 32 bits: its first argument means a call with its lower half. */
  private static final Map<String, Integer> IPC_CALLS =
      Map.ofEntries(
          Map.entry("semop", 1),
          Map.entry("semget", 2),
          Map.entry("semctl", 3),
          Map.entry("semtimedop", 4),
          Map.entry("msgsnd", 11),
          Map.entry("msgrcv", 12),
          Map.entry("msgget", 13),
          Map.entry("msgctl", 14),
          Map.entry("shmat", 21),
          Map.entry("shmdt", 22),
          Map.entry("shmget", 23),
          Map.entry("shmctl", 24));

  private final String specName;
  private final int auditNumber;
  private final int numberBit;
  private final SyscallTable table;

  Architecture(String specName, int auditNumber, int numberBit, String resource) {
    this.specName = specName;
    this.auditNumber = auditNumber;
    this.numberBit = numberBit;
    this.table = SyscallTable.read(resource);
  }

  /** A call that stands for many; the first argument says which. */
  record Multiplexed(int number, int argument) {}

  int auditNumber() {
    return auditNumber;
  }

  /** What a number has besides the table's. */
  int numberBit() {
    return numberBit;
  }

  SyscallTable table() {
    return table;
  }

  /** The older way to make a call; null where there is none. */
  @Nullable Multiplexed multiplexed(String call) {
    if (this != X86) {
      return null;
    }
    int socket = SOCKET_CALLS.indexOf(call);
    if (socket > 0) {
      return new Multiplexed(table.number("socketcall").orElseThrow(), socket);
    }
    Integer ipc = IPC_CALLS.get(call);
    return ipc == null ? null : new Multiplexed(table.number("ipc").orElseThrow(), ipc);
  }

  /**
   * The host's own and those that are named.
   *
   * @throws IllegalArgumentException for a name that means no architecture
   */
  static Set<Architecture> parse(List<String> names) {
    Set<Architecture> found = EnumSet.of(X86_64);
    for (String name : names) {
      boolean known = ELSEWHERE.contains(name.replaceFirst("^SCMP_ARCH_", ""));
      for (Architecture architecture : values()) {
        if (architecture.specName.equals(name)) {
          found.add(architecture);
          known = true;
        }
      }
      if (!known) {
        throw new IllegalArgumentException("'" + name + "' is not an architecture");
      }
    }
    return found;
  }
}
