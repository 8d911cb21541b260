package dev.waybill.nativerunner.service;

import dev.waybill.nativerunner.launch.Executor;
import dev.waybill.nativerunner.launch.ExitRecord;
import dev.waybill.nativerunner.launch.LaunchFailedException;
import dev.waybill.nativerunner.launch.Pids;
import dev.waybill.nativerunner.plan.LaunchPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Further processes of one container. The last {@value #KEPT_MAX} that ended are remembered. */
final class Execs {
  private static final int KEPT_MAX = 256;
  private static final String NAME = "exec";
  private static final String DIR_PREFIX = "e";

  /** One process. */
  record Exec(String id, StateDir dir, Pids pids, CompletableFuture<ExitRecord> exit) {}

  private final Path parent;
  private final Host host;
  private final ExitFollower follower;
  private final AtomicInteger sequence = new AtomicInteger();
  private final SequencedMap<String, Exec> table = new LinkedHashMap<>();

  Execs(Path parent, Host host, ExitFollower follower) {
    this.parent = parent;
    this.host = host;
    this.follower = follower;
  }

  /**
   * A name and a directory for a new process; the directory's name is short for its socket's sake.
   */
  Slot reserve(String wanted) throws RunnerException, IOException {
    int number = sequence.incrementAndGet();
    String id = wanted.isEmpty() ? "exec-" + number : wanted;
    synchronized (table) {
      if (table.containsKey(id)) {
        throw new RunnerException(
            RunnerException.Kind.ALREADY_EXISTS, "an exec '" + id + "' exists already");
      }
    }
    StateDir dir = new StateDir(parent.resolve(DIR_PREFIX + number));
    if (!dir.socketsFit()) {
      throw new RunnerException(
          RunnerException.Kind.INVALID, dir.attachSocket() + " is too long for a socket's name");
    }
    dir.make();
    dir.write(NAME, id.getBytes(StandardCharsets.UTF_8));
    return new Slot(id, dir);
  }

  /** Where a new process will have its state. */
  record Slot(String id, StateDir dir) {}

  Exec launch(Slot slot, LaunchPlan plan) throws RunnerException, IOException {
    boolean done = false;
    try {
      Executor.Launched launched = host.executor().launch(plan);
      slot.dir().giveSocketTo(host.uid());
      Pids pids = new Pids(launched.pid(), launched.pidStart(), launched.monitorPid(), 0);
      Exec exec = new Exec(slot.id(), slot.dir(), pids, new CompletableFuture<>());
      remember(exec);
      follower.follow(slot.dir().path(), pids, launched.alive(), exec.exit()::complete);
      done = true;
      return exec;
    } catch (LaunchFailedException e) {
      throw RunnerException.of(e);
    } finally {
      if (!done) {
        slot.dir().remove();
      }
    }
  }

  private void remember(Exec exec) throws IOException {
    synchronized (table) {
      table.put(exec.id(), exec);
      while (table.size() > KEPT_MAX && table.firstEntry().getValue().exit().isDone()) {
        table.pollFirstEntry().getValue().dir().remove();
      }
    }
  }

  Exec get(String id) throws RunnerException {
    synchronized (table) {
      Exec exec = table.get(id);
      if (exec == null) {
        throw new RunnerException(RunnerException.Kind.NOT_FOUND, "no exec '" + id + "'");
      }
      return exec;
    }
  }

  /** Finds the processes that an earlier service started. */
  void recover() throws IOException {
    try (var dirs = Files.newDirectoryStream(parent, DIR_PREFIX + "[0-9]*")) {
      for (Path path : dirs) {
        StateDir dir = new StateDir(path);
        int number = Integer.parseInt(path.getFileName().toString().substring(1));
        sequence.accumulateAndGet(number, Math::max);
        Optional<Pids> pids = Pids.read(path);
        if (pids.isEmpty() || !Files.exists(path.resolve(NAME))) {
          dir.remove();
          continue;
        }
        String id = Files.readString(path.resolve(NAME));
        Exec exec = new Exec(id, dir, pids.get(), new CompletableFuture<>());
        remember(exec);
        follower.followAgain(path, pids.get(), exec.exit()::complete);
      }
    }
  }
}
