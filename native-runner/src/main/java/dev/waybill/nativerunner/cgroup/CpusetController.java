package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.ArrayList;
import java.util.List;

/** Which processors and memory nodes may be used. */
record CpusetController() implements Controller {
  @Override
  public List<String> namesV1() {
    return List.of("cpuset");
  }

  @Override
  public String nameV2() {
    return "cpuset";
  }

  @Override
  public List<Setting> v1(Resources resources) {
    return v2(resources);
  }

  @Override
  public List<Setting> v2(Resources resources) {
    List<Setting> settings = new ArrayList<>();
    Resources.Cpu cpu = resources.cpu();
    if (cpu != null && !cpu.cpus().isEmpty()) {
      settings.add(Setting.of("cpuset.cpus", cpu.cpus(), "cpu.cpus"));
    }
    if (cpu != null && !cpu.mems().isEmpty()) {
      settings.add(Setting.of("cpuset.mems", cpu.mems(), "cpu.mems"));
    }
    return settings;
  }
}
