package dev.waybill.nativerunner.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The processes of a container, as its executor recorded them. A pid means nothing without the
 * start time: the kernel uses numbers again.
 *
 * @param pid first process of the container
 * @param pidStart its start time in ticks since boot
 * @param monitor its monitor; 0 for none
 * @param monitorStart the monitor's start time
 */
public record Pids(int pid, long pidStart, int monitor, long monitorStart) {
  private static final String NAME = "pids";
  private static final int START_TIME = 22;
  private static final int FIRST_AFTER_NAME = 3;

  /** Reads the record of a state directory; empty when the executor did not come that far. */
  public static Optional<Pids> read(Path stateDir) throws IOException {
    try {
      String[] words = Files.readString(stateDir.resolve(NAME)).strip().split(" ");
      return Optional.of(
          new Pids(
              Integer.parseInt(words[0]),
              Long.parseLong(words[1]),
              Integer.parseInt(words[2]),
              Long.parseLong(words[3])));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  /** Whether the process of this number is still the one that started then. */
  public static boolean isAlive(int pid, long start) {
    if (pid == 0) {
      return false;
    }
    try {
      String stat = Files.readString(Path.of("/proc", Integer.toString(pid), "stat"));
      // The name may hold anything, so count from its closing parenthesis.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      boolean zombie = fields[0].equals("Z") || fields[0].equals("X");
      return !zombie && Long.parseLong(fields[START_TIME - FIRST_AFTER_NAME]) == start;
    } catch (IOException gone) {
      return false;
    }
  }
}
