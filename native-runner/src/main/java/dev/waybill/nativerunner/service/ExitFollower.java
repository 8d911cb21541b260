package dev.waybill.nativerunner.service;

import dev.waybill.nativerunner.launch.ExitRecord;
import dev.waybill.nativerunner.launch.Pids;
import dev.waybill.nativerunner.sys.Fd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Learns how processes ended, also when their monitor died first. */
final class ExitFollower {
  private static final Logger LOG = Logger.getLogger(ExitFollower.class.getName());
  private static final int SIGKILL = 9;
  private static final int SIGNALLED = 128;

  private final Host host;

  ExitFollower(Host host) {
    this.host = host;
  }

  /**
   * Tells the exit of a process once its monitor has recorded it.
   *
   * @param alive the pipe of {@link dev.waybill.nativerunner.launch.Executor.Launched}
   */
  void follow(Path stateDir, Pids pids, Fd alive, Consumer<ExitRecord> told) throws IOException {
    reapLater(pids.monitor());
    host.watch().onExit(alive, () -> told.accept(recorded(stateDir, pids)));
  }

  /** The same for a monitor that an earlier service spawned. */
  void followAgain(Path stateDir, Pids pids, Consumer<ExitRecord> told) throws IOException {
    Optional<ExitRecord> known = ExitRecord.read(stateDir);
    if (known.isPresent() || !Pids.isAlive(pids.monitor(), pids.monitorStart())) {
      told.accept(recorded(stateDir, pids));
      return;
    }
    host.watch()
        .onExit(
            host.kernel().openProcess(pids.monitor()), () -> told.accept(recorded(stateDir, pids)));
  }

  private void reapLater(int monitor) throws IOException {
    host.watch().onExit(host.kernel().openProcess(monitor), () -> host.kernel().reap(monitor));
  }

  private ExitRecord recorded(Path stateDir, Pids pids) {
    try {
      Optional<ExitRecord> exit = ExitRecord.read(stateDir);
      if (exit.isPresent()) {
        return exit.get();
      }
      // The monitor was killed. Nobody would reap the process or read its output: it ends too.
      if (Pids.isAlive(pids.pid(), pids.pidStart())) {
        host.kernel().signal(pids.pid(), SIGKILL);
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "exit not readable dir=" + stateDir, e);
    }
    return new ExitRecord(SIGNALLED + SIGKILL, SIGKILL, host.clock().nowNs(), 0);
  }
}
