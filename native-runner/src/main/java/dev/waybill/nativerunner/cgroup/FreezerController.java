package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.List;

/** Stops and continues all processes; nothing to set at creation. */
record FreezerController() implements Controller {
  @Override
  public List<String> namesV1() {
    return List.of("freezer");
  }

  @Override
  public String nameV2() {
    return "";
  }

  @Override
  public List<Setting> v1(Resources resources) {
    return List.of();
  }

  @Override
  public List<Setting> v2(Resources resources) {
    return List.of();
  }
}
