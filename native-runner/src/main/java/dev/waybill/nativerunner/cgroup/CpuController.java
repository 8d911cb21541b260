package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.ArrayList;
import java.util.List;

/** Processor time: weight, quota, and the account of what was used. */
record CpuController() implements Controller {
  private static final long SHARES_MIN = 2;
  private static final long SHARES_MAX = 262_144;
  private static final long WEIGHT_MAX = 10_000;

  @Override
  public List<String> namesV1() {
    return List.of("cpu", "cpuacct");
  }

  @Override
  public String nameV2() {
    return "cpu";
  }

  @Override
  public List<Setting> v1(Resources resources) {
    Resources.Cpu cpu = resources.cpu();
    List<Setting> settings = new ArrayList<>();
    if (cpu == null) {
      return settings;
    }
    if (cpu.shares() != null) {
      settings.add(Setting.of("cpu.shares", cpu.shares(), "cpu.shares"));
    }
    // The period first: the kernel checks the quota against it.
    if (cpu.period() != null && cpu.period() > 0) {
      settings.add(Setting.of("cpu.cfs_period_us", cpu.period(), "cpu.period"));
    }
    if (cpu.quota() != null && cpu.quota() != 0) {
      settings.add(Setting.of("cpu.cfs_quota_us", cpu.quota(), "cpu.quota"));
    }
    if (cpu.burst() != null) {
      settings.add(Setting.of("cpu.cfs_burst_us", cpu.burst(), "cpu.burst"));
    }
    if (cpu.realtimePeriod() != null) {
      settings.add(Setting.of("cpu.rt_period_us", cpu.realtimePeriod(), "cpu.realtimePeriod"));
    }
    if (cpu.realtimeRuntime() != null) {
      settings.add(Setting.of("cpu.rt_runtime_us", cpu.realtimeRuntime(), "cpu.realtimeRuntime"));
    }
    if (cpu.idle() != null) {
      settings.add(Setting.of("cpu.idle", cpu.idle(), "cpu.idle"));
    }
    return settings;
  }

  @Override
  public List<Setting> v2(Resources resources) {
    Resources.Cpu cpu = resources.cpu();
    List<Setting> settings = new ArrayList<>();
    if (cpu == null) {
      return settings;
    }
    if (cpu.shares() != null && cpu.shares() > 0) {
      settings.add(Setting.of("cpu.weight", weight(cpu.shares()), "cpu.shares"));
    }
    boolean hasPeriod = cpu.period() != null && cpu.period() != 0;
    if (cpu.quota() != null || hasPeriod) {
      long quota = cpu.quota() == null ? -1 : cpu.quota();
      // Without a period the kernel keeps the one that it has.
      String period = hasPeriod ? " " + cpu.period() : "";
      settings.add(Setting.of("cpu.max", (quota > 0 ? quota : "max") + period, "cpu.quota"));
    }
    if (cpu.burst() != null) {
      settings.add(Setting.of("cpu.max.burst", cpu.burst(), "cpu.burst"));
    }
    if (cpu.idle() != null) {
      settings.add(Setting.of("cpu.idle", cpu.idle(), "cpu.idle"));
    }
    return settings;
  }

  /** Shares run from 2 to 262,144, weights from 1 to 10,000: a straight line between the ends. */
  static long weight(long shares) {
    long within = Math.clamp(shares, SHARES_MIN, SHARES_MAX);
    return 1 + (within - SHARES_MIN) * (WEIGHT_MAX - 1) / (SHARES_MAX - SHARES_MIN);
  }
}
