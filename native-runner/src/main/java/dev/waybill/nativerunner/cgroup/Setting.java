package dev.waybill.nativerunner.cgroup;

/**
 * A value for a file of a cgroup.
 *
 * @param file name within the cgroup's directory
 * @param value written as it is
 * @param origin member of config.json that it comes from
 */
public record Setting(String file, String value, String origin) {
  static Setting of(String file, long value, String member) {
    return new Setting(file, Long.toString(value), "linux.resources." + member);
  }

  static Setting of(String file, String value, String member) {
    return new Setting(file, value, "linux.resources." + member);
  }
}
