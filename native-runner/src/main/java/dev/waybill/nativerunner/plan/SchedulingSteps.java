package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.Linux;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/** How the kernel runs a process: scheduler, priorities, processors, memory nodes, personality. */
final class SchedulingSteps {
  private static final Map<String, Integer> POLICIES =
      Map.of(
          "SCHED_OTHER", 0,
          "SCHED_FIFO", 1,
          "SCHED_RR", 2,
          "SCHED_BATCH", 3,
          "SCHED_ISO", 4,
          "SCHED_IDLE", 5,
          "SCHED_DEADLINE", 6);
  private static final List<String> FLAGS =
      List.of(
          "SCHED_FLAG_RESET_ON_FORK",
          "SCHED_FLAG_RECLAIM",
          "SCHED_FLAG_DL_OVERRUN",
          "SCHED_FLAG_KEEP_POLICY",
          "SCHED_FLAG_KEEP_PARAMS",
          "SCHED_FLAG_UTIL_CLAMP_MIN",
          "SCHED_FLAG_UTIL_CLAMP_MAX");
  private static final List<String> IO_CLASSES =
      List.of("", "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE");
  private static final int IO_CLASS_SHIFT = 13;
  private static final int IO_LEVEL_MAX = 7;
  private static final Map<String, Integer> PERSONAS = Map.of("LINUX", 0, "LINUX32", 8);
  private static final List<String> MEMORY_MODES =
      List.of(
          "MPOL_DEFAULT",
          "MPOL_PREFERRED",
          "MPOL_BIND",
          "MPOL_INTERLEAVE",
          "MPOL_LOCAL",
          "MPOL_PREFERRED_MANY",
          "MPOL_WEIGHTED_INTERLEAVE");
  private static final Map<String, Integer> MEMORY_FLAGS =
      Map.of(
          "MPOL_F_STATIC_NODES", 1 << 15,
          "MPOL_F_RELATIVE_NODES", 1 << 14,
          "MPOL_F_NUMA_BALANCING", 1 << 13);
  private static final int NUMBER_MAX = 1023;

  private final PlanBuilder plan;

  SchedulingSteps(PlanBuilder plan) {
    this.plan = plan;
  }

  void process(ContainerProcess process) throws RefusedSpecException {
    if (process.scheduler() != null) {
      plan.start(scheduler(process.scheduler()), "process.scheduler");
    }
    if (process.ioPriority() != null) {
      ContainerProcess.IoPriority io = process.ioPriority();
      int ioClass = IO_CLASSES.indexOf(io.ioClass());
      if (ioClass < 1) {
        throw new RefusedSpecException(
            "process.ioPriority.class", "'" + io.ioClass() + "' is not one of " + IO_CLASSES);
      }
      if (io.priority() < 0 || io.priority() > IO_LEVEL_MAX) {
        throw new RefusedSpecException(
            "process.ioPriority.priority", io.priority() + " is not within 0 to 7");
      }
      plan.start(
          new Op.IoPriority(ioClass << IO_CLASS_SHIFT | io.priority()), "process.ioPriority");
    }
  }

  private static Op.Scheduler scheduler(ContainerProcess.Scheduler wanted)
      throws RefusedSpecException {
    Integer policy = POLICIES.get(wanted.policy());
    if (policy == null) {
      throw new RefusedSpecException(
          "process.scheduler.policy", "'" + wanted.policy() + "' is not a policy of the kernel");
    }
    long flags = 0;
    for (String flag : wanted.flags()) {
      if (!FLAGS.contains(flag)) {
        throw new RefusedSpecException(
            "process.scheduler.flags", "'" + flag + "' is not a flag of the kernel");
      }
      flags |= 1L << FLAGS.indexOf(flag);
    }
    return new Op.Scheduler(
        policy,
        flags,
        wanted.nice(),
        wanted.priority(),
        wanted.runtime(),
        wanted.deadline(),
        wanted.period());
  }

  /** The processors of a process that is executed in a running container. */
  void execAffinity(ContainerProcess process) throws RefusedSpecException {
    ContainerProcess.CpuAffinity affinity = process.execCPUAffinity();
    if (affinity == null) {
      return;
    }
    if (!affinity.initial().isEmpty()) {
      String path = "process.execCPUAffinity.initial";
      plan.host(new Op.CpuAffinity(mask(affinity.initial(), path)), path);
    }
    if (!affinity.last().isEmpty()) {
      String path = "process.execCPUAffinity.final";
      plan.start(new Op.CpuAffinity(mask(affinity.last(), path)), path);
    }
  }

  void container(Linux linux) throws RefusedSpecException {
    if (linux.personality() != null) {
      Integer persona = PERSONAS.get(linux.personality().domain());
      if (persona == null || !linux.personality().flags().isEmpty()) {
        throw new RefusedSpecException(
            "linux.personality", "the domain is LINUX or LINUX32, and there are no flags");
      }
      plan.start(new Op.Personality(persona), "linux.personality");
    }
    if (linux.memoryPolicy() != null) {
      plan.start(memoryPolicy(linux.memoryPolicy()), "linux.memoryPolicy");
    }
  }

  private static Op.MemoryPolicy memoryPolicy(Linux.MemoryPolicy wanted)
      throws RefusedSpecException {
    int mode = MEMORY_MODES.indexOf(wanted.mode());
    if (mode < 0) {
      throw new RefusedSpecException(
          "linux.memoryPolicy.mode", "'" + wanted.mode() + "' is not one of " + MEMORY_MODES);
    }
    for (String flag : wanted.flags()) {
      if (!MEMORY_FLAGS.containsKey(flag)) {
        throw new RefusedSpecException(
            "linux.memoryPolicy.flags", "'" + flag + "' is not a flag of the kernel");
      }
      mode |= MEMORY_FLAGS.get(flag);
    }
    return new Op.MemoryPolicy(mode, mask(wanted.nodes(), "linux.memoryPolicy.nodes"));
  }

  /** Reads a list such as {@code 0-3,7}. */
  private static Bytes mask(String list, String path) throws RefusedSpecException {
    BitSet bits = new BitSet();
    try {
      for (String part : list.isBlank() ? new String[0] : list.strip().split(",")) {
        String[] ends = part.strip().split("-", 2);
        int first = Integer.parseInt(ends[0].strip());
        int last = ends.length == 2 ? Integer.parseInt(ends[1].strip()) : first;
        if (first < 0 || last < first || last > NUMBER_MAX) {
          throw new NumberFormatException(part);
        }
        bits.set(first, last + 1);
      }
    } catch (NumberFormatException e) {
      throw new RefusedSpecException(
          path, "'" + list + "' is not a list such as 0-3,7 of numbers up to " + NUMBER_MAX);
    }
    // The kernel reads whole words.
    int words = (bits.length() + Long.SIZE - 1) / Long.SIZE;
    byte[] mask = new byte[words * Long.BYTES];
    byte[] given = bits.toByteArray();
    System.arraycopy(given, 0, mask, 0, given.length);
    return Bytes.of(mask);
  }
}
