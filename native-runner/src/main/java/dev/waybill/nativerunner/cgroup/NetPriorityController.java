package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.List;

/** The priority of packets at each interface; only version 1 has it. */
record NetPriorityController() implements Controller {
  @Override
  public List<String> namesV1() {
    return List.of("net_prio");
  }

  @Override
  public String nameV2() {
    return "net_prio";
  }

  @Override
  public List<Setting> v1(Resources resources) {
    Resources.Network network = resources.network();
    if (network == null) {
      return List.of();
    }
    return network.priorities().stream()
        .map(p -> p.name() + " " + p.priority())
        .map(value -> Setting.of("net_prio.ifpriomap", value, "network.priorities"))
        .toList();
  }

  /** Asked for on version 2 it is told as what the host lacks. */
  @Override
  public List<Setting> v2(Resources resources) {
    return v1(resources);
  }
}
