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

  public HostFacts {
    supports = Collections.unmodifiableSortedSet(new TreeSet<>(supports));
    hardLimits = Collections.unmodifiableSortedMap(new TreeMap<>(hardLimits));
  }

  /** Whether the runner has a capability. */
  public boolean has(Capability capability) {
    return (capabilities & capability.bit()) != 0;
  }
}
