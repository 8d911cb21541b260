package dev.waybill.nativerunner.conformance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A runtime that is held against the cases.
 *
 * @param words its command, with what makes the host fit for it
 * @param program what a user without rights runs
 */
record Peer(String name, List<String> words, Map<String, String> environment, String program) {
  /** A user that the host need not have. */
  static final int UID = 54321;

  /** The first of the ids that are granted to that user. */
  static final int GRANTED = 600_000;

  /** crun refuses a host with cgroups of both versions, so the second is taken out of its sight. */
  private static final String HIDE_UNIFIED =
      "umount /sys/fs/cgroup/unified 2>/dev/null; exec crun \"$@\"";

  static Peer own(Path compilerSocket, Installation installed) {
    return new Peer(
        "waybill",
        List.of(Path.of("bin/waybill-runner").toAbsolutePath().toString()),
        Map.of(
            "WAYBILL_RUNNER_COMPILER",
            compilerSocket.toString(),
            "WAYBILL_RUNNER_CLASSPATH",
            installed.classpath()),
        installed.program().toString());
  }

  /** Those that are installed. */
  static List<Peer> others() {
    List<Peer> peers = new ArrayList<>();
    if (isInstalled("runc")) {
      peers.add(new Peer("runc", List.of("runc"), Map.of(), "runc"));
    }
    if (isInstalled("crun")) {
      peers.add(
          new Peer(
              "crun",
              List.of("unshare", "-m", "sh", "-c", HIDE_UNIFIED, "crun"),
              Map.of(),
              "crun"));
    }
    return peers;
  }

  private static boolean isInstalled(String program) {
    return List.of("/usr/sbin", "/usr/bin").stream()
        .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
  }

  /**
   * The command of a user without rights, who owns the directory. The files that say who may map
   * which ids are this directory's, in a mount namespace of the command's own.
   */
  List<String> rootlessCommand(Path dir) {
    String script =
        "umount /sys/fs/cgroup/unified 2>/dev/null; for f in passwd subuid subgid; do"
            + " touch /etc/$f; mount --bind %s/etc/$f /etc/$f; done; exec setpriv --reuid %d --regid %d"
                .formatted(dir, UID, UID)
            + " --clear-groups env -u USER XDG_RUNTIME_DIR=%s/run HOME=%s \"$@\""
                .formatted(dir, dir);
    return new ArrayList<>(List.of("unshare", "-m", "sh", "-c", script, "sh", program));
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
