package dev.waybill.nativerunner.conformance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A runtime that is held against the cases. */
record Peer(String name, List<String> words, Map<String, String> environment) {
  /** crun refuses a host with cgroups of both versions, so the second is taken out of its sight. */
  private static final String HIDE_UNIFIED =
      "umount /sys/fs/cgroup/unified 2>/dev/null; exec crun \"$@\"";

  static Peer own(Path compilerSocket) {
    return new Peer(
        "waybill",
        List.of(Path.of("bin/waybill-runner").toAbsolutePath().toString()),
        Map.of("WAYBILL_RUNNER_COMPILER", compilerSocket.toString()));
  }

  /** Those that are installed. */
  static List<Peer> others() {
    List<Peer> peers = new ArrayList<>();
    if (isInstalled("runc")) {
      peers.add(new Peer("runc", List.of("runc"), Map.of()));
    }
    if (isInstalled("crun")) {
      peers.add(
          new Peer("crun", List.of("unshare", "-m", "sh", "-c", HIDE_UNIFIED, "crun"), Map.of()));
    }
    return peers;
  }

  private static boolean isInstalled(String program) {
    return List.of("/usr/sbin", "/usr/bin").stream()
        .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
  }

  boolean isOwn() {
    return name.equals("waybill");
  }

  List<String> command(Path root) {
    List<String> command = new ArrayList<>(words);
    command.add("--root");
    command.add(root.toString());
    return command;
  }
}
