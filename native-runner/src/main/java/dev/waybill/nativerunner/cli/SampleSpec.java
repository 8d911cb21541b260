package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.plan.HostFacts;

/** What `spec` prints: a configuration that runs a shell from {@code rootfs}. */
final class SampleSpec {
  static final String JSON =
      """
      {
        "ociVersion": "1.2.0",
        "process": {
          "terminal": false,
          "user": {"uid": 0, "gid": 0},
          "args": ["sh"],
          "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
          "cwd": "/",
          "capabilities": {
            "bounding": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
            "effective": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
            "permitted": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
          },
          "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
          "noNewPrivileges": true
        },
        "root": {"path": "rootfs", "readonly": true},
        "hostname": "waybill",
        "mounts": [
          {"destination": "/proc", "type": "proc", "source": "proc"},
          {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
           "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
          {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
           "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
          {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
           "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
          {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
           "options": ["nosuid", "noexec", "nodev"]},
          {"destination": "/sys", "type": "sysfs", "source": "sysfs",
           "options": ["nosuid", "noexec", "nodev", "ro"]},
          {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
           "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}
        ],
        "linux": {
          "resources": {"devices": [{"allow": false, "access": "rwm"}]},
          "namespaces": [
            {"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"},
            {"type": "mount"}, {"type": "cgroup"}
          ],
          "maskedPaths": [
            "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
            "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware",
            "/proc/scsi"
          ],
          "readonlyPaths": [
            "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"
          ]
        }
      }
      """;

  private static final String CGROUP_MOUNT =
      """
      ,
          {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
           "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}""";

  private SampleSpec() {}

  /**
   * The same for a user without rights: its one id is the container's root, the network is the
   * host's, and so /sys, which belongs to a network, is the host's too.
   */
  static String rootless(HostFacts.Runner runner) {
    String mapping = "\"%s\": [{\"containerID\": 0, \"hostID\": %d, \"size\": 1}],\n    ";
    return JSON.replace(", \"gid=5\"", "")
        .replace(CGROUP_MOUNT.stripIndent(), "")
        .replace(
            "\"type\": \"sysfs\", \"source\": \"sysfs\"",
            "\"type\": \"none\", \"source\": \"/sys\"")
        .replace(
            "\"options\": [\"nosuid\", \"noexec\", \"nodev\", \"ro\"]}",
            "\"options\": [\"rbind\", \"nosuid\", \"noexec\", \"nodev\", \"ro\"]}")
        .replace("{\"type\": \"network\"}", "{\"type\": \"user\"}")
        .replace(
            "\"resources\": {\"devices\": [{\"allow\": false, \"access\": \"rwm\"}]},\n    ",
            mapping.formatted("uidMappings", runner.uid())
                + mapping.formatted("gidMappings", runner.gid()));
  }
}
