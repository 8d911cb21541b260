package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.cgroup.CgroupLayout;
import dev.waybill.nativerunner.spec.Capability;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a plan depends on besides the configuration. Two hosts of equal facts get equal plans.
 *
 * @param runner whose rights the runner has
 * @param capabilities mask of the capabilities that the runner itself has and so can give
 * @param knownCapabilities mask of those that the kernel knows
 * @param cgroups where the hierarchies are
 * @param swapAccounting whether memory and swap together can be limited
 * @param hardLimits the runner's own hard limits by the kernel's number; -1 is unlimited
 * @param oomScoreMin the least oom_score_adj that the runner may set
 * @param supports what else the kernel has: {@value #APPARMOR}, {@value #SELINUX}, {@value #RDT},
 *     {@value #TIME}
 */
public record HostFacts(
    Runner runner,
    long capabilities,
    long knownCapabilities,
    CgroupLayout cgroups,
    boolean swapAccounting,
    SortedMap<Integer, Long> hardLimits,
    int oomScoreMin,
    SortedSet<String> supports) {

  /** The security module of that name is in force. */
  public static final String APPARMOR = "apparmor";

  /** The security module of that name is in force. */
  public static final String SELINUX = "selinux";

  /** Resource control of processor caches is mounted. */
  public static final String RDT = "resctrl";

  /** There are time namespaces. */
  public static final String TIME = "time";

  /**
   * Who the runner is.
   *
   * @param uid as its own user namespace numbers it
   * @param gid as its own user namespace numbers it
   * @param nested whether that namespace is not the host's first
   */
  public record Runner(long uid, long gid, boolean nested) {
    /** Root of the host. */
    public static final Runner ROOT = new Runner(0, 0, false);

    /** Whether the kernel gives it less than the host's root. */
    public boolean isRootless() {
      return uid != 0 || nested;
    }
  }

  public HostFacts {
    supports = Collections.unmodifiableSortedSet(new TreeSet<>(supports));
    hardLimits = Collections.unmodifiableSortedMap(new TreeMap<>(hardLimits));
  }

  /** The same with cgroups elsewhere, or with fewer that may be used. */
  public HostFacts with(CgroupLayout layout) {
    return new HostFacts(
        runner,
        capabilities,
        knownCapabilities,
        layout,
        swapAccounting,
        hardLimits,
        oomScoreMin,
        supports);
  }

  /** Whether the runner has a capability. */
  public boolean has(Capability capability) {
    return (capabilities & capability.bit()) != 0;
  }
}
