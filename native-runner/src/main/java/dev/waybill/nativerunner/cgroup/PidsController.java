package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.List;

/** How many processes and threads there may be. */
record PidsController() implements Controller {
  @Override
  public List<String> namesV1() {
    return List.of("pids");
  }

  @Override
  public String nameV2() {
    return "pids";
  }

  @Override
  public List<Setting> v1(Resources resources) {
    return v2(resources);
  }

  @Override
  public List<Setting> v2(Resources resources) {
    Resources.Pids pids = resources.pids();
    if (pids == null || pids.limit() == null || pids.limit() == 0) {
      return List.of();
    }
    long limit = pids.limit();
    return List.of(Setting.of("pids.max", limit < 0 ? "max" : Long.toString(limit), "pids.limit"));
  }
}
