package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.List;

/** One controller: which files its limits go to, in both versions of cgroups. */
sealed interface Controller
    permits BlockIoController,
        CpuController,
        CpusetController,
        DeviceController,
        FreezerController,
        HugepageController,
        MemoryController,
        NetClassController,
        NetPriorityController,
        PidsController,
        RdmaController,
        SystemdHierarchy {

  /** Hierarchies of version 1 that it lives in; the first has the settings. */
  List<String> namesV1();

  /** What it is called in {@code cgroup.controllers}; empty for what version 2 always has. */
  String nameV2();

  /** Settings of version 1, in the order in which they are written. */
  List<Setting> v1(Resources resources);

  /** Settings of version 2, in the order in which they are written. */
  List<Setting> v2(Resources resources);
}
