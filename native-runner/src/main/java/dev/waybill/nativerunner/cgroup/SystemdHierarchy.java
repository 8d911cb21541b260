package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.List;

/**
 * The hierarchy of version 1 without a controller by which systemd knows whose a process is. What
 * is left in the cgroup of the service that started it would end with that service.
 */
record SystemdHierarchy() implements Controller {
  static final String NAME = "systemd";

  @Override
  public List<String> namesV1() {
    return List.of(NAME);
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
