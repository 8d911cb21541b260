package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.List;

/** The class of packets for traffic control; only version 1 has it. */
record NetClassController() implements Controller {
  @Override
  public List<String> namesV1() {
    return List.of("net_cls");
  }

  @Override
  public String nameV2() {
    return "net_cls";
  }

  @Override
  public List<Setting> v1(Resources resources) {
    Resources.Network network = resources.network();
    return network == null || network.classID() == null
        ? List.of()
        : List.of(Setting.of("net_cls.classid", network.classID(), "network.classID"));
  }

  /** Asked for on version 2 it is told as what the host lacks. */
  @Override
  public List<Setting> v2(Resources resources) {
    return v1(resources);
  }
}
