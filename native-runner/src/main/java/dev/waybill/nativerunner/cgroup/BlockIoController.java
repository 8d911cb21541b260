package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.ArrayList;
import java.util.List;

/**
 * Weights and rates of block devices.
 *
 * @param bfq whether version 2 has the weights of that scheduler, which are those of version 1
 */
record BlockIoController(boolean bfq) implements Controller {
  private static final String WEIGHT_DEVICE = "blockIO.weightDevice";
  private static final long LEAST_V1 = 10;
  private static final long MOST_V1 = 1000;
  private static final long MOST_V2 = 10_000;

  @Override
  public List<String> namesV1() {
    return List.of("blkio");
  }

  @Override
  public String nameV2() {
    return "io";
  }

  @Override
  public List<Setting> v1(Resources resources) {
    List<Setting> settings = new ArrayList<>();
    Resources.BlockIo io = resources.blockIO();
    if (io == null) {
      return settings;
    }
    if (io.weight() != null && io.weight() != 0) {
      settings.add(Setting.of("blkio.bfq.weight", io.weight(), "blockIO.weight"));
    }
    for (Resources.WeightDevice d : io.weightDevice()) {
      if (d.weight() != null && d.weight() != 0) {
        String value = d.major() + ":" + d.minor() + " " + d.weight();
        settings.add(Setting.of("blkio.bfq.weight_device", value, WEIGHT_DEVICE));
      }
    }
    rates(settings, "read_bps_device", io.throttleReadBpsDevice(), "throttleReadBpsDevice");
    rates(settings, "write_bps_device", io.throttleWriteBpsDevice(), "throttleWriteBpsDevice");
    rates(settings, "read_iops_device", io.throttleReadIopsDevice(), "throttleReadIOPSDevice");
    rates(settings, "write_iops_device", io.throttleWriteIopsDevice(), "throttleWriteIOPSDevice");
    return settings;
  }

  private static void rates(
      List<Setting> settings, String file, List<Resources.ThrottleDevice> devices, String member) {
    for (Resources.ThrottleDevice d : devices) {
      String value = d.major() + ":" + d.minor() + " " + d.rate();
      settings.add(Setting.of("blkio.throttle." + file, value, "blockIO." + member));
    }
  }

  /** Version 1 counts from 10 to 1000, version 2 from 1 to 10000. */
  private long weight(long weight) {
    return bfq ? weight : 1 + (weight - LEAST_V1) * (MOST_V2 - 1) / (MOST_V1 - LEAST_V1);
  }

  @Override
  public List<Setting> v2(Resources resources) {
    List<Setting> settings = new ArrayList<>();
    Resources.BlockIo io = resources.blockIO();
    if (io == null) {
      return settings;
    }
    String file = bfq ? CgroupLayout.BFQ : "io.weight";
    if (io.weight() != null && io.weight() != 0) {
      settings.add(Setting.of(file, weight(io.weight()), "blockIO.weight"));
    }
    for (Resources.WeightDevice d : io.weightDevice()) {
      if (d.weight() != null && d.weight() != 0) {
        String value = d.major() + ":" + d.minor() + " " + weight(d.weight());
        settings.add(Setting.of(file, value, WEIGHT_DEVICE));
      }
    }
    limits(settings, "rbps", io.throttleReadBpsDevice(), "throttleReadBpsDevice");
    limits(settings, "wbps", io.throttleWriteBpsDevice(), "throttleWriteBpsDevice");
    limits(settings, "riops", io.throttleReadIopsDevice(), "throttleReadIOPSDevice");
    limits(settings, "wiops", io.throttleWriteIopsDevice(), "throttleWriteIOPSDevice");
    return settings;
  }

  private static void limits(
      List<Setting> settings, String key, List<Resources.ThrottleDevice> devices, String member) {
    for (Resources.ThrottleDevice d : devices) {
      String value = d.major() + ":" + d.minor() + " " + key + "=" + d.rate();
      settings.add(Setting.of("io.max", value, "blockIO." + member));
    }
  }
}
