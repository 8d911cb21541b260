package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jnr.constants.platform.Errno;
import jnr.constants.platform.OpenFlags;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.SpawnFileAction;

/** Other programs on this machine. */
final class Programs {
  private static final POSIX POSIX = POSIXFactory.getPOSIX();

  private Programs() {}

  /** Where a program is on the path. */
  static Optional<Path> find(String name) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      Path file = Path.of(folder, name);
      if (Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /**
   * Runs to the end; milliseconds of wall time. By posix_spawn(3) and not by {@link
   * ProcessBuilder}, which executes a program of its own first and waits on another thread: that
   * would be a third of what the quickest of these programs take.
   */
  static double time(List<String> command) throws IOException {
    return time(command, Map.of());
  }

  /** The same with more variables in its environment. */
  static double time(List<String> command, Map<String, String> variables) throws IOException {
    List<SpawnFileAction> streams =
        List.of(
            SpawnFileAction.open("/dev/null", 0, OpenFlags.O_RDONLY.intValue(), 0),
            SpawnFileAction.open("/dev/null", 1, OpenFlags.O_WRONLY.intValue(), 0),
            SpawnFileAction.dup(1, 2));
    Map<String, String> all = new HashMap<>(System.getenv());
    all.putAll(variables);
    List<String> environment =
        all.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    int[] status = new int[1];
    long start = System.nanoTime();
    long pid = POSIX.posix_spawnp(command.getFirst(), streams, command, environment);
    if (pid < 0) {
      throw new IOException("cannot start " + command + ": error " + POSIX.errno());
    }
    while (POSIX.waitpid((int) pid, status, 0) < 0) {
      if (POSIX.errno() != Errno.EINTR.intValue()) {
        throw new IOException("cannot wait for " + command + ": error " + POSIX.errno());
      }
    }
    double ms = (System.nanoTime() - start) / 1e6;
    if (status[0] != 0) {
      throw new IllegalStateException(command + " ended with wait status " + status[0]);
    }
    return ms;
  }
}
