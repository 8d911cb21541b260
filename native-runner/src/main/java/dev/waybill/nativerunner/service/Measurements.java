package dev.waybill.nativerunner.service;

import dev.waybill.contracts.runner.v1.NetworkCounters;
import dev.waybill.contracts.runner.v1.StatsResponse;
import dev.waybill.nativerunner.cgroup.CgroupStats;
import dev.waybill.nativerunner.cgroup.ContainerCgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a container uses, from its cgroups and /proc. */
final class Measurements {
  private static final long NS_PER_TICK = 10_000_000;
  private static final int HEADER_LINES = 2;

  private Measurements() {}

  static StatsResponse of(Container container, long nowNs) throws IOException {
    ContainerCgroup cgroup = container.cgroup();
    CgroupStats stats = cgroup.stats();
    return StatsResponse.newBuilder()
        .setTimeNs(nowNs)
        .setCpuUsageNs(stats.cpuNs())
        .setCpuUserNs(stats.cpuUserNs())
        .setCpuSystemNs(stats.cpuSystemNs())
        .setCpuThrottledPeriods(stats.throttledPeriods())
        .setCpuThrottledNs(stats.throttledNs())
        .setMemoryUsageBytes(stats.memoryBytes())
        .setMemoryInactiveFileBytes(stats.inactiveFileBytes())
        .setMemoryPeakBytes(cgroup.memoryPeak())
        .setMemoryLimitBytes(cgroup.memoryLimit())
        .setOomKills(cgroup.oomKills())
        .setPidsCurrent(stats.pids())
        .setPidsLimit(stats.pidsMax())
        .setBlockReadBytes(stats.blockReadBytes())
        .setBlockWriteBytes(stats.blockWriteBytes())
        .setOnlineCpus(Runtime.getRuntime().availableProcessors())
        .setHostCpuNs(hostCpuNs())
        .putAllNetworks(networks(container))
        .build();
  }

  /** The first line of /proc/stat: ticks in each state, guests counted in user already. */
  private static long hostCpuNs() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/stat"))) {
      String[] words = lines.findFirst().orElse("").strip().split("\\s+");
      long ticks = 0;
      for (int i = 1; i < words.length && i <= 8; i++) {
        ticks += Long.parseLong(words[i]);
      }
      return ticks * NS_PER_TICK;
    }
  }

  private static Map<String, NetworkCounters> networks(Container container) {
    Map<String, NetworkCounters> counters = new LinkedHashMap<>();
    if (container.exit().isDone()) {
      return counters;
    }
    List<String> lines;
    try {
      lines =
          Files.readAllLines(
              Path.of("/proc", Integer.toString(container.pids().pid()), "net", "dev"));
    } catch (IOException ended) {
      return counters; // between the question and now
    }
    for (String line : lines.subList(Math.min(HEADER_LINES, lines.size()), lines.size())) {
      int colon = line.indexOf(':');
      String name = line.substring(0, colon).strip();
      if (!name.equals("lo")) {
        counters.put(name, counters(line.substring(colon + 1).strip().split("\\s+")));
      }
    }
    return counters;
  }

  private static NetworkCounters counters(String[] columns) {
    return NetworkCounters.newBuilder()
        .setReceivedBytes(Long.parseUnsignedLong(columns[0]))
        .setReceivedPackets(Long.parseUnsignedLong(columns[1]))
        .setReceivedErrors(Long.parseUnsignedLong(columns[2]))
        .setReceivedDropped(Long.parseUnsignedLong(columns[3]))
        .setSentBytes(Long.parseUnsignedLong(columns[8]))
        .setSentPackets(Long.parseUnsignedLong(columns[9]))
        .setSentErrors(Long.parseUnsignedLong(columns[10]))
        .setSentDropped(Long.parseUnsignedLong(columns[11]))
        .build();
  }
}
