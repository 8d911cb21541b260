package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.cgroup.CgroupLayout;
import dev.waybill.nativerunner.spec.Capability;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a plan depends on besides the configuration. Two hosts of equal facts get equal plans.
 *
 * @param capabilities mask of the capabilities that the runner itself has and so can give
 * @param knownCapabilities mask of those that the kernel knows
 * @param cgroups where the hierarchies are
 * @param swapAccounting whether memory and swap together can be limited
 * @param hardLimits the runner's own hard limits by the kernel's number; -1 is unlimited
 * @param oomScoreMin the least oom_score_adj that the runner may set
 */
public record HostFacts(
    long capabilities,
    long knownCapabilities,
    CgroupLayout cgroups,
    boolean swapAccounting,
    SortedMap<Integer, Long> hardLimits,
    int oomScoreMin) {

  public HostFacts {
    hardLimits = Collections.unmodifiableSortedMap(new TreeMap<>(hardLimits));
  }

  /** Whether the runner has a capability. */
  public boolean has(Capability capability) {
    return (capabilities & capability.bit()) != 0;
  }
}
