package dev.waybill.nativerunner.cgroup;

import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.Resources;
import java.util.List;

/**
 * The unit that systemd makes for a container: it owns the cgroup tree, and hands this part of it
 * over.
 *
 * @param slice such as {@code system.slice}
 * @param unit such as {@code waybill-c1.scope}
 * @see <a href="https://www.freedesktop.org/wiki/Software/systemd/ControlGroupInterface/">systemd,
 *     control group interface</a>
 */
public record SystemdScope(String slice, String unit) {
  private static final String SLICE_SUFFIX = ".slice";
  private static final String ROOT_SLICE = "-.slice";
  private static final long USEC_PER_SEC = 1_000_000;

  /** systemd counts processor time in steps of ten milliseconds in each second. */
  private static final long QUOTA_STEP_USEC = 10_000;

  private static final int STRUCT_ALIGNMENT = 8;

  /**
   * Reads {@code slice:prefix:name}; an empty path is {@code system.slice:waybill:ID}.
   *
   * @throws RefusedSpecException if it is anything else
   */
  public static SystemdScope of(String cgroupsPath, String id) throws RefusedSpecException {
    if (cgroupsPath.isEmpty()) {
      return new SystemdScope("system.slice", "waybill-" + id + ".scope");
    }
    String[] parts = cgroupsPath.split(":", -1);
    if (parts.length != 3 || cgroupsPath.contains("/") || parts[2].isEmpty()) {
      throw new RefusedSpecException(
          "linux.cgroupsPath",
          "'" + cgroupsPath + "' is not slice:prefix:name, as --systemd-cgroup needs it");
    }
    String slice = parts[0].isEmpty() ? "system.slice" : parts[0];
    if (!slice.endsWith(SLICE_SUFFIX)) {
      throw new RefusedSpecException("linux.cgroupsPath", "'" + slice + "' is not NAME.slice");
    }
    String name = parts[1].isEmpty() ? parts[2] : parts[1] + "-" + parts[2];
    return new SystemdScope(slice, name + ".scope");
  }

  /** Where its cgroup is below a hierarchy's mount: {@code a-b.slice} lies in {@code a.slice}. */
  public String path() {
    StringBuilder path = new StringBuilder();
    if (!slice.equals(ROOT_SLICE)) {
      String name = slice.substring(0, slice.length() - SLICE_SUFFIX.length());
      for (int dash = name.indexOf('-'); dash >= 0; dash = name.indexOf('-', dash + 1)) {
        path.append('/').append(name, 0, dash).append(SLICE_SUFFIX);
      }
      path.append('/').append(slice);
    }
    return path.append('/').append(unit).toString();
  }

  /**
   * A call that makes the unit.
   *
   * @param message the whole message
   * @param pidAt where in it the process's number of 32 bits belongs
   */
  public record Start(byte[] message, int pidAt) {}

  /** The call that makes the unit around one process, with those limits that systemd knows. */
  public Start start(Resources resources, boolean v2) {
    BusMessage message = new BusMessage("StartTransientUnit", "ssa(sv)a(sa(sv))");
    message.string(unit).string("replace");
    BusMessage.Length properties = message.array(STRUCT_ALIGNMENT);
    text(message, "Description", "container " + unit);
    text(message, "Slice", slice);
    text(message, "CollectMode", "inactive-or-failed");
    // What is not accounted systemd takes from the unit again, on version 1.
    String io = v2 ? "IOAccounting" : "BlockIOAccounting";
    for (String name :
        List.of("Delegate", "CPUAccounting", "MemoryAccounting", "TasksAccounting", io)) {
      flag(message, name, true);
    }
    flag(message, "DefaultDependencies", false);
    limits(message, resources, v2);
    message.struct().string("PIDs").signature("au");
    BusMessage.Length pids = message.array(Integer.BYTES);
    int pidAt = message.position();
    message.number(0);
    pids.end();
    properties.end();
    message.array(STRUCT_ALIGNMENT).end();
    return new Start(message.end(), pidAt);
  }

  /** The call that takes it away. */
  public byte[] stop() {
    return new BusMessage("StopUnit", "ss").string(unit).string("replace").end();
  }

  private static void limits(BusMessage message, Resources resources, boolean v2) {
    Resources.Memory memory = resources.memory();
    if (memory != null && memory.limit() != null && memory.limit() > 0) {
      big(message, v2 ? "MemoryMax" : "MemoryLimit", memory.limit());
    }
    Resources.Cpu cpu = resources.cpu();
    if (cpu != null && cpu.shares() != null && cpu.shares() > 0) {
      if (v2) {
        big(message, "CPUWeight", CpuController.weight(cpu.shares()));
      } else {
        big(message, "CPUShares", cpu.shares());
      }
    }
    if (cpu != null && cpu.quota() != null && cpu.quota() > 0 && cpu.period() != null) {
      long usec = cpu.quota() * USEC_PER_SEC / cpu.period();
      big(message, "CPUQuotaPerSecUSec", Math.ceilDiv(usec, QUOTA_STEP_USEC) * QUOTA_STEP_USEC);
    }
    Long tasks = resources.pids() == null ? null : resources.pids().limit();
    if (tasks != null && tasks > 0) {
      big(message, "TasksMax", tasks);
    }
  }

  private static void text(BusMessage message, String name, String value) {
    message.struct().string(name).signature("s").string(value);
  }

  private static void flag(BusMessage message, String name, boolean value) {
    message.struct().string(name).signature("b").number(value ? 1 : 0);
  }

  private static void big(BusMessage message, String name, long value) {
    message.struct().string(name).signature("t").big(value);
  }
}
