package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.ArrayList;
import java.util.List;

/** Huge pages. */
record HugepageController() implements Controller {
  @Override
  public List<String> namesV1() {
    return List.of("hugetlb");
  }

  @Override
  public String nameV2() {
    return "hugetlb";
  }

  @Override
  public List<Setting> v1(Resources resources) {
    return settings(resources, ".limit_in_bytes");
  }

  @Override
  public List<Setting> v2(Resources resources) {
    return settings(resources, ".max");
  }

  private static List<Setting> settings(Resources resources, String suffix) {
    List<Setting> settings = new ArrayList<>();
    for (int i = 0; i < resources.hugepageLimits().size(); i++) {
      Resources.HugepageLimit limit = resources.hugepageLimits().get(i);
      String origin = "hugepageLimits[" + i + "]";
      String size = "hugetlb." + limit.pageSize();
      // Reservations too: a program is then refused at once instead of being ended later.
      settings.add(Setting.of(size + ".rsvd" + suffix, limit.limit(), origin));
      settings.add(Setting.of(size + suffix, limit.limit(), origin));
    }
    return settings;
  }
}
