package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A mount and network namespace for peers, held by a sleeping process: their bridges and rules stay
 * off the host, and crun, which refuses hybrid cgroups, sees no unified mount.
 */
final class PeerNamespace implements AutoCloseable {
  private static final int CALIBRATIONS = 40;
  private static final String SCRIPT =
      "umount /sys/fs/cgroup/unified 2>/dev/null; echo ready; exec sleep 7200";

  private final Process holder;
  private final double enterMs;

  private PeerNamespace(Process holder, double enterMs) {
    this.holder = holder;
    this.enterMs = enterMs;
  }

  static PeerNamespace open() throws IOException, InterruptedException {
    Process holder =
        new ProcessBuilder("unshare", "-m", "-n", "--propagation", "private", "sh", "-c", SCRIPT)
            .start();
    if (holder.inputReader().readLine() == null) {
      throw new IllegalStateException("cannot make a mount namespace: is this root?");
    }
    var enter = new Samples();
    for (int i = 0; i < CALIBRATIONS; i++) {
      double with = Programs.time(entered(holder, List.of("true")));
      enter.add(with - Programs.time(List.of("true")));
    }
    return new PeerNamespace(holder, Math.max(0, enter.quantile(0.5)));
  }

  private static List<String> entered(Process holder, List<String> command) {
    var all = new ArrayList<>(List.of("nsenter", "-m", "-n", "-t", Long.toString(holder.pid())));
    all.addAll(command);
    return all;
  }

  /** Milliseconds of a command in the namespace, less what entering it takes. */
  double time(List<String> command) throws IOException, InterruptedException {
    return Programs.time(entered(holder, command)) - enterMs;
  }

  /** What entering takes, in milliseconds. */
  double enterMs() {
    return enterMs;
  }

  /** A program that goes on until the caller ends it. */
  Process start(List<String> command, Path log) throws IOException {
    return new ProcessBuilder(entered(holder, command))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** Removes what peers made under a directory; their mounts are visible from here only. */
  void delete(Path directory) throws IOException, InterruptedException {
    if (Files.exists(directory)) {
      String unmount =
          "grep -o ' %s[^ ]*' /proc/self/mounts | sort -r | xargs -r umount -l; rm -rf '%s'"
              .formatted(directory, directory);
      Programs.time(entered(holder, List.of("sh", "-c", unmount)));
    }
  }

  @Override
  public void close() {
    holder.destroy();
  }
}
