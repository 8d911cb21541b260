package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A mount namespace without the unified cgroup mount, held by a sleeping process. */
final class CrunNamespace implements AutoCloseable {
  private static final int CALIBRATIONS = 40;

  private final Process holder;
  private final double enterMs;

  private CrunNamespace(Process holder, double enterMs) {
    this.holder = holder;
    this.enterMs = enterMs;
  }

  static CrunNamespace open() throws IOException, InterruptedException {
    String script = "umount /sys/fs/cgroup/unified 2>/dev/null; echo ready; exec sleep 3600";
    Process holder = new ProcessBuilder("unshare", "-m", "sh", "-c", script).start();
    if (holder.inputReader().readLine() == null) {
      throw new IllegalStateException("cannot make a mount namespace: is this root?");
    }
    var enter = new Samples();
    for (int i = 0; i < CALIBRATIONS; i++) {
      double with = Programs.time(entered(holder, List.of("true")));
      enter.add(with - Programs.time(List.of("true")));
    }
    return new CrunNamespace(holder, Math.max(0, enter.quantile(0.5)));
  }

  private static List<String> entered(Process holder, List<String> command) {
    var all = new ArrayList<>(List.of("nsenter", "-m", "-t", Long.toString(holder.pid())));
    all.addAll(command);
    return all;
  }

  /** Milliseconds of a command in the namespace, less what entering it takes. */
  double time(List<String> command) throws IOException, InterruptedException {
    // Where no unified mount is beside others there is nothing to hide.
    if (!Files.isDirectory(Path.of("/sys/fs/cgroup/unified"))) {
      return Programs.time(command);
    }
    return Programs.time(entered(holder, command)) - enterMs;
  }

  /** What entering takes; 0 where there is nothing to hide. */
  double enterMs() {
    return Files.isDirectory(Path.of("/sys/fs/cgroup/unified")) ? enterMs : 0;
  }

  @Override
  public void close() {
    holder.destroy();
  }
}
