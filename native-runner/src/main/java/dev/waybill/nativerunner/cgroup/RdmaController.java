package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.ArrayList;
import java.util.List;

/** Limits of devices for remote memory access. */
record RdmaController() implements Controller {
  @Override
  public List<String> namesV1() {
    return List.of("rdma");
  }

  @Override
  public String nameV2() {
    return "rdma";
  }

  @Override
  public List<Setting> v1(Resources resources) {
    List<Setting> settings = new ArrayList<>();
    resources
        .rdma()
        .forEach(
            (device, limit) ->
                settings.add(
                    Setting.of(
                        "rdma.max",
                        "%s hca_handle=%s hca_object=%s"
                            .formatted(
                                device, orMax(limit.hcaHandles()), orMax(limit.hcaObjects())),
                        "rdma." + device)));
    return settings;
  }

  private static String orMax(@org.jspecify.annotations.Nullable Long value) {
    return value == null ? "max" : Long.toString(value);
  }

  @Override
  public List<Setting> v2(Resources resources) {
    return v1(resources);
  }
}
