package dev.waybill.nativerunner.plan;

import java.util.List;

/** The kernel's resource limits by name. */
final class Rlimits {
  private static final List<String> NAMES =
      List.of(
          "RLIMIT_CPU",
          "RLIMIT_FSIZE",
          "RLIMIT_DATA",
          "RLIMIT_STACK",
          "RLIMIT_CORE",
          "RLIMIT_RSS",
          "RLIMIT_NPROC",
          "RLIMIT_NOFILE",
          "RLIMIT_MEMLOCK",
          "RLIMIT_AS",
          "RLIMIT_LOCKS",
          "RLIMIT_SIGPENDING",
          "RLIMIT_MSGQUEUE",
          "RLIMIT_NICE",
          "RLIMIT_RTPRIO",
          "RLIMIT_RTTIME");

  private Rlimits() {}

  /** The kernel's number, or -1 for a name that it doesn't know. */
  static int number(String name) {
    return NAMES.indexOf(name);
  }

  static String name(int number) {
    return number >= 0 && number < NAMES.size() ? NAMES.get(number) : Integer.toString(number);
  }
}
