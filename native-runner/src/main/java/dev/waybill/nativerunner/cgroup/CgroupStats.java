package dev.waybill.nativerunner.cgroup;

import java.util.function.Function;

/** Resource use; times in nanoseconds, sizes in bytes, 0 for what the host does not tell. */
public record CgroupStats(
    long cpuNs,
    long cpuUserNs,
    long cpuSystemNs,
    long throttledPeriods,
    long throttledNs,
    long memoryBytes,
    long inactiveFileBytes,
    long pids,
    long pidsMax,
    long blockReadBytes,
    long blockWriteBytes) {

  private static final long NS_PER_US = 1_000;

  /** Version 1 counts user and system time in ticks of a hundredth of a second. */
  private static final long NS_PER_TICK = 10_000_000;

  static CgroupStats v1(Function<String, CgroupFiles> files) {
    CgroupFiles cpu = files.apply("cpu");
    CgroupFiles account = files.apply("cpuacct");
    CgroupFiles memory = files.apply("memory");
    CgroupFiles pids = files.apply("pids");
    CgroupFiles block = files.apply("blkio");
    return new CgroupStats(
        account.number("cpuacct.usage"),
        account.keyed("cpuacct.stat", "user") * NS_PER_TICK,
        account.keyed("cpuacct.stat", "system") * NS_PER_TICK,
        cpu.keyed("cpu.stat", "nr_throttled"),
        cpu.keyed("cpu.stat", "throttled_time"),
        memory.number("memory.usage_in_bytes"),
        memory.keyed("memory.stat", "total_inactive_file"),
        pids.number("pids.current"),
        pids.number("pids.max"),
        blockV1(block, "Read"),
        blockV1(block, "Write"));
  }

  /** Lines are "major:minor operation bytes". */
  private static long blockV1(CgroupFiles block, String operation) {
    long sum = 0;
    for (String line : block.lines("blkio.throttle.io_service_bytes_recursive")) {
      String[] words = line.split(" ");
      if (words.length == 3 && words[1].equals(operation)) {
        sum += Long.parseLong(words[2]);
      }
    }
    return sum;
  }

  static CgroupStats v2(CgroupFiles files) {
    return new CgroupStats(
        files.keyed("cpu.stat", "usage_usec") * NS_PER_US,
        files.keyed("cpu.stat", "user_usec") * NS_PER_US,
        files.keyed("cpu.stat", "system_usec") * NS_PER_US,
        files.keyed("cpu.stat", "nr_throttled"),
        files.keyed("cpu.stat", "throttled_usec") * NS_PER_US,
        files.number("memory.current"),
        files.keyed("memory.stat", "inactive_file"),
        files.number("pids.current"),
        files.number("pids.max"),
        blockV2(files, "rbytes="),
        blockV2(files, "wbytes="));
  }

  /** Lines are "major:minor rbytes=N wbytes=N ...". */
  private static long blockV2(CgroupFiles files, String key) {
    long sum = 0;
    for (String line : files.lines("io.stat")) {
      for (String word : line.split(" ")) {
        if (word.startsWith(key)) {
          sum += Long.parseLong(word.substring(key.length()));
        }
      }
    }
    return sum;
  }
}
