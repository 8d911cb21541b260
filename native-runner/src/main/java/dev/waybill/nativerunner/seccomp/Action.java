package dev.waybill.nativerunner.seccomp;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What the kernel does about a call: the value that a filter returns. */
final class Action {
  static final int ALLOW = 0x7fff0000;
  static final int KILL_PROCESS = 0x80000000;
  static final String NOTIFY = "SCMP_ACT_NOTIFY";
  static final int EPERM = 1;
  static final int ENOSYS = 38;
  private static final int ERRNO = 0x00050000;
  private static final int TRACE = 0x7ff00000;
  private static final int DATA_MAX = 0xffff;

  private Action() {}

  static int errno(int number) {
    return ERRNO | number & DATA_MAX;
  }

  /** Reads a name as {@code config.json} has it; empty for one that doesn't exist. */
  static OptionalInt parse(String name, @Nullable Integer errnoRet) {
    int data = errnoRet == null ? EPERM : errnoRet;
    return switch (name) {
      case "SCMP_ACT_ALLOW" -> OptionalInt.of(ALLOW);
      case "SCMP_ACT_ERRNO" -> OptionalInt.of(errno(data));
      case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> OptionalInt.of(0);
      case "SCMP_ACT_KILL_PROCESS" -> OptionalInt.of(KILL_PROCESS);
      case "SCMP_ACT_TRAP" -> OptionalInt.of(0x00030000);
      case "SCMP_ACT_TRACE" -> OptionalInt.of(TRACE | data & DATA_MAX);
      case "SCMP_ACT_LOG" -> OptionalInt.of(0x7ffc0000);
      case NOTIFY -> OptionalInt.of(0x7fc00000);
      default -> OptionalInt.empty();
    };
  }
}
