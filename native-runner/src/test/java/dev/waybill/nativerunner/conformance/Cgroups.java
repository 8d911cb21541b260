package dev.waybill.nativerunner.conformance;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where a container's cgroups are. */
final class Cgroups {
  private Cgroups() {}

  static boolean isV2() {
    return Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
  }

  /** The container's directory of a controller. */
  static String of(Trial trial, String controller) throws Exception {
    String pid = trial.state().path("pid").asText();
    for (String line : Files.readAllLines(Path.of("/proc", pid, "cgroup"))) {
      String[] parts = line.split(":", 3);
      if (isV2() && parts[0].equals("0")) {
        return "/sys/fs/cgroup" + parts[2];
      }
      if (java.util.List.of(parts[1].split(",")).contains(controller)) {
        return "/sys/fs/cgroup/" + controller + parts[2];
      }
    }
    throw new AssertionError("no cgroup of " + controller);
  }
}
