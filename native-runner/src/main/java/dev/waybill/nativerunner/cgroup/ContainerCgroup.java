package dev.waybill.nativerunner.cgroup;

import dev.waybill.nativerunner.spec.Problem;
import dev.waybill.oci.runtime.Resources;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The cgroups of one container as they are now: read, frozen, removed. */
public final class ContainerCgroup {
  private static final long UNLIMITED_V1 = Long.MAX_VALUE / 4096 * 4096;

  private final Map<String, String> paths;

  /**
   * The cgroups at these directories.
   *
   * @param paths as {@link CgroupPlan#paths()}
   */
  public ContainerCgroup(Map<String, String> paths) {
    this.paths = Map.copyOf(paths);
  }

  private boolean isV2() {
    return paths.containsKey("unified");
  }

  private CgroupFiles files(String controller) {
    return new CgroupFiles(paths.get(isV2() ? "unified" : controller));
  }

  /** What the container uses and has used. */
  public CgroupStats stats() {
    return isV2() ? CgroupStats.v2(files("")) : CgroupStats.v1(this::files);
  }

  /** How often the kernel killed a process here for lack of memory. */
  public long oomKills() {
    CgroupFiles memory = files("memory");
    return isV2()
        ? memory.keyed("memory.events", "oom_kill")
        : memory.keyed("memory.oom_control", "oom_kill");
  }

  /** The memory in use in bytes; 0 when the host does not tell. */
  long memoryUsage() {
    CgroupFiles memory = files("memory");
    return isV2() ? memory.number("memory.current") : memory.number("memory.usage_in_bytes");
  }

  /**
   * Why limits must not be changed as wanted: version 2 would end processes where version 1
   * refuses.
   *
   * @see <a
   *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#memory">runtime-spec
   *     1.2, checkBeforeUpdate</a>
   */
  public Optional<Problem> belowUsage(Resources wanted) {
    Resources.Memory memory = wanted.memory();
    if (memory == null || !Boolean.TRUE.equals(memory.checkBeforeUpdate())) {
      return Optional.empty();
    }
    Long limit = memory.limit();
    long usage = memoryUsage();
    return limit == null || limit <= 0 || limit >= usage
        ? Optional.empty()
        : Optional.of(
            new Problem(
                "memory.limit",
                "%d bytes are less than the %d that the container uses".formatted(limit, usage)));
  }

  /** What to write, in order, for new limits. */
  public List<CgroupPlan.Write> updates(Resources wanted) {
    boolean bfq = isV2() && Files.exists(Path.of(paths.get("unified"), CgroupLayout.BFQ));
    return CgroupPlan.update(paths, withCurrent(wanted), bfq);
  }

  /**
   * Version 2 has values in pairs where version 1 has each for itself: of a pair the one that is
   * not wanted otherwise is the one that is there.
   */
  public Resources withCurrent(Resources wanted) {
    if (!isV2()) {
      return wanted;
    }
    return new Resources(
        wanted.devices(),
        wanted.memory() == null ? null : withCurrent(wanted.memory()),
        wanted.cpu() == null ? null : withCurrent(wanted.cpu()),
        wanted.pids(),
        wanted.blockIO(),
        wanted.hugepageLimits(),
        wanted.network(),
        wanted.rdma(),
        wanted.unified());
  }

  private Resources.Memory withCurrent(Resources.Memory m) {
    Long swap = m.swap();
    boolean lacksLimit = m.limit() == null || m.limit() == 0;
    if (swap == null || swap <= 0 || !lacksLimit || memoryLimit() == 0) {
      return m;
    }
    return new Resources.Memory(
        memoryLimit(),
        m.reservation(),
        swap,
        m.kernel(),
        m.kernelTCP(),
        m.swappiness(),
        m.disableOOMKiller(),
        m.useHierarchy(),
        m.checkBeforeUpdate());
  }

  private Resources.Cpu withCurrent(Resources.Cpu c) {
    List<String> max = files("cpu").lines("cpu.max");
    if (c.quota() != null
        || c.period() == null
        || max.isEmpty()
        || max.getFirst().startsWith("m")) {
      return c;
    }
    return new Resources.Cpu(
        c.shares(),
        Long.parseLong(max.getFirst().split(" ")[0]),
        c.burst(),
        c.period(),
        c.realtimeRuntime(),
        c.realtimePeriod(),
        c.cpus(),
        c.mems(),
        c.idle());
  }

  /** The highest memory use in bytes; 0 when the host does not tell. */
  public long memoryPeak() {
    CgroupFiles memory = files("memory");
    return isV2() ? memory.number("memory.peak") : memory.number("memory.max_usage_in_bytes");
  }

  /** The memory limit in bytes; 0 when there is none. */
  public long memoryLimit() {
    CgroupFiles memory = files("memory");
    long limit = isV2() ? memory.number("memory.max") : memory.number("memory.limit_in_bytes");
    return limit >= UNLIMITED_V1 ? 0 : limit;
  }

  /** Process ids in the container's cgroup, in the runner's pid namespace. */
  public List<Integer> pids() {
    return files("pids").lines("cgroup.procs").stream().map(Integer::parseInt).toList();
  }

  /** Freezes or thaws every process. */
  public void freeze(Freeze wanted) throws IOException {
    CgroupFiles files = files("freezer");
    if (isV2()) {
      files.write("cgroup.freeze", wanted == Freeze.FROZEN ? "1" : "0");
    } else {
      files.write("freezer.state", wanted.name());
    }
  }

  /** Whether all processes stand still. */
  public boolean isFrozen() {
    CgroupFiles files = files("freezer");
    return isV2()
        ? files.keyed("cgroup.events", "frozen") == 1
        : files.lines("freezer.state").contains(Freeze.FROZEN.name());
  }

  /** What {@link #freeze} is asked for. */
  public enum Freeze {
    FROZEN,
    THAWED
  }

  /** Writes limits, in order. */
  public static void apply(List<CgroupPlan.Write> writes) throws IOException {
    for (CgroupPlan.Write write : writes) {
      try {
        Files.writeString(Path.of(write.path()), write.value());
      } catch (IOException e) {
        throw new IOException(
            "write '%s' to %s (from %s): %s"
                .formatted(write.value(), write.path(), write.origin(), e.getMessage()),
            e);
      }
    }
  }

  /**
   * Removes the directories; those that are gone already count as removed.
   *
   * @throws IOException naming the first directory that still has processes
   */
  public void remove() throws IOException {
    Set<String> directories = new LinkedHashSet<>(paths.values());
    List<IOException> failures = new ArrayList<>();
    for (String directory : directories) {
      try {
        removeTree(Path.of(directory));
      } catch (IOException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      IOException first = failures.removeFirst();
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }

  /** A container may have made cgroups below its own. */
  private static void removeTree(Path directory) throws IOException {
    try {
      Files.delete(directory);
    } catch (NoSuchFileException gone) {
      return;
    } catch (FileSystemException busy) {
      try (var children = Files.newDirectoryStream(directory, Files::isDirectory)) {
        for (Path child : children) {
          removeTree(child);
        }
      }
      Files.deleteIfExists(directory);
    }
  }
}
