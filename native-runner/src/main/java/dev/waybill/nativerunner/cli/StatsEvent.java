package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.cgroup.CgroupStats;
import dev.waybill.nativerunner.cgroup.ContainerCgroup;
import dev.waybill.nativerunner.plan.Compiler;
import dev.waybill.nativerunner.plan.HostFacts;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.Spec;

/** One line of `events`: what a container uses, in the shape that runc's users read. */
final class StatsEvent {
  private StatsEvent() {}

  static String json(Spec spec, String id, HostFacts facts) throws RefusedSpecException {
    ContainerCgroup cgroup = new ContainerCgroup(Compiler.cgroups(spec, id, facts).paths());
    CgroupStats s = cgroup.stats();
    return """
        {"type":"stats","id":%s,"data":{\
        "cpu":{"usage":{"total":%d,"kernel":%d,"user":%d},\
        "throttling":{"throttledPeriods":%d,"throttledTime":%d}},\
        "memory":{"usage":{"limit":%d,"usage":%d,"max":%d},"raw":{"inactive_file":%d}},\
        "pids":{"current":%d,"limit":%d},\
        "blkio":{"ioServiceBytesRecursive":[{"op":"Read","value":%d},{"op":"Write","value":%d}]},\
        "hugetlb":{},"intel_rdt":{},"network_interfaces":null}}
        """
        .formatted(
            JsonText.quote(id),
            s.cpuNs(),
            s.cpuSystemNs(),
            s.cpuUserNs(),
            s.throttledPeriods(),
            s.throttledNs(),
            cgroup.memoryLimit(),
            s.memoryBytes(),
            cgroup.memoryPeak(),
            s.inactiveFileBytes(),
            s.pids(),
            s.pidsMax(),
            s.blockReadBytes(),
            s.blockWriteBytes());
  }
}
