package dev.waybill.noderunner.bundle;

import dev.waybill.oci.runtime.Resources;
import dev.waybill.oci.runtime.Spec;
import java.util.List;

/** What every container sees of the kernel, and what of it is hidden. */
final class DefaultMounts {
  static final List<Spec.Mount> LIST =
      List.of(
          new Spec.Mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")),
          new Spec.Mount(
              "/dev",
              "tmpfs",
              "tmpfs",
              List.of("nosuid", "strictatime", "mode=755", "size=65536k")),
          new Spec.Mount(
              "/dev/pts",
              "devpts",
              "devpts",
              List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")),
          new Spec.Mount(
              "/dev/shm",
              "tmpfs",
              "shm",
              List.of("nosuid", "noexec", "nodev", "mode=1777", "size=65536k")),
          new Spec.Mount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")),
          new Spec.Mount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro")));

  static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/devices/virtual/powercap",
          "/sys/firmware");

  static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  /** None: the runtime itself allows the harmless ones that every container has. */
  static final List<Resources.DeviceRule> DEVICES =
      List.of(new Resources.DeviceRule(false, "a", null, null, "rwm"));

  private DefaultMounts() {}
}
