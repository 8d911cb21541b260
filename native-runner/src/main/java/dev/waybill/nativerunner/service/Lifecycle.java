package dev.waybill.nativerunner.service;

import dev.waybill.nativerunner.cgroup.ContainerCgroup;
import dev.waybill.nativerunner.launch.Executor;
import dev.waybill.nativerunner.launch.ExitRecord;
import dev.waybill.nativerunner.launch.Pids;
import dev.waybill.nativerunner.plan.Phase;
import dev.waybill.nativerunner.spec.Problem;
import dev.waybill.oci.runtime.Resources;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** What may be done to a container that exists, and its end. */
final class Lifecycle {
  private static final int SIGKILL = 9;
  private static final int SIGNAL_MAX = 64;
  private static final long END_TIMEOUT_MS = 10_000;
  private static final long RETRY_NS = 1_000_000;

  private final Containers containers;
  private final Host host;

  Lifecycle(Containers containers, Host host) {
    this.containers = containers;
    this.host = host;
  }

  /** Completes a container's exit with what its cgroups tell. */
  static void ended(Container container, ExitRecord exit) {
    ContainerCgroup cgroup = container.cgroup();
    container
        .startFailure()
        .thenAccept(
            failure ->
                container
                    .exit()
                    .complete(
                        new Exit(
                            exit.code(),
                            exit.signal(),
                            cgroup.oomKills() > 0,
                            cgroup.memoryPeak(),
                            cgroup.memoryLimit(),
                            exit.atNs(),
                            failure)));
  }

  /** Sends a signal; false if the process has ended. */
  boolean kill(Container container, int signal, boolean all) throws RunnerException, IOException {
    if (signal < 1 || signal > SIGNAL_MAX) {
      throw new RunnerException(
          RunnerException.Kind.INVALID, "signal " + signal + " is not within 1 to 64");
    }
    if (!all) {
      Pids pids = container.pids();
      return !container.exit().isDone()
          && Pids.isAlive(pids.pid(), pids.pidStart())
          && host.kernel().signal(pids.pid(), signal);
    }
    boolean delivered = false;
    for (int pid : container.cgroup().pids()) {
      delivered |= host.kernel().signal(pid, signal);
    }
    return delivered;
  }

  void freeze(Container container, ContainerCgroup.Freeze wanted)
      throws RunnerException, IOException {
    container.change().lock();
    try {
      Container.Status needed =
          wanted == ContainerCgroup.Freeze.FROZEN
              ? Container.Status.RUNNING
              : Container.Status.PAUSED;
      Container.Status status = container.status();
      if (status != needed) {
        throw new RunnerException(
            RunnerException.Kind.WRONG_STATE,
            "container '%s' is %s, not %s"
                .formatted(container.entry().id(), Messages.word(status), Messages.word(needed)));
      }
      container.cgroup().freeze(wanted);
      await(() -> container.cgroup().isFrozen() == (wanted == ContainerCgroup.Freeze.FROZEN));
    } finally {
      container.change().unlock();
    }
  }

  void update(Container container, Resources resources) throws RunnerException, IOException {
    container.change().lock();
    try {
      if (container.status() == Container.Status.STOPPED) {
        throw new RunnerException(
            RunnerException.Kind.WRONG_STATE,
            "container '" + container.entry().id() + "' is stopped");
      }
      Optional<Problem> below = container.cgroup().belowUsage(resources);
      if (below.isPresent()) {
        throw new RunnerException(RunnerException.Kind.INVALID, below.get().toString());
      }
      ContainerCgroup.apply(container.cgroup().updates(resources));
    } finally {
      container.change().unlock();
    }
  }

  void delete(Container container, boolean force) throws RunnerException, IOException {
    container.change().lock();
    try {
      if (container.status() != Container.Status.STOPPED) {
        if (!force) {
          throw new RunnerException(
              RunnerException.Kind.WRONG_STATE,
              "container '%s' is %s; stop it first or delete it with force"
                  .formatted(container.entry().id(), Messages.word(container.status())));
        }
        end(container);
      }
      killRest(container);
      remove(container.cgroup());
      Optional<byte[]> plan = container.dir().read(Executor.PLAN);
      container.dir().remove();
      containers.forget(container);
      if (plan.isPresent()) {
        host.executor().runHooks(plan.get(), Phase.POSTSTOP, 0);
      }
    } finally {
      container.change().unlock();
    }
  }

  private void end(Container container) throws RunnerException, IOException {
    // A frozen process of cgroup v1 does not die before it is thawed.
    if (container.status() == Container.Status.PAUSED) {
      kill(container, SIGKILL, false);
      container.cgroup().freeze(ContainerCgroup.Freeze.THAWED);
    }
    kill(container, SIGKILL, false);
    try {
      container.exit().get(END_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "container '%s' did not end within %d ms of SIGKILL"
              .formatted(container.entry().id(), END_TIMEOUT_MS),
          e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("an exit never fails", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a container ended", e);
    }
  }

  /** Without a pid namespace of its own a container leaves processes behind. */
  private void killRest(Container container) throws IOException {
    for (int pid : container.cgroup().pids()) {
      host.kernel().signal(pid, SIGKILL);
    }
  }

  /**
   * The kernel lets go of a cgroup a moment after its last process, and tells nobody on version 1.
   */
  static void remove(ContainerCgroup cgroup) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(END_TIMEOUT_MS);
    while (true) {
      try {
        cgroup.remove();
        return;
      } catch (IOException busy) {
        if (System.nanoTime() > deadline) {
          throw busy;
        }
        LockSupport.parkNanos(RETRY_NS);
      }
    }
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(END_TIMEOUT_MS);
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the freezer did not settle within " + END_TIMEOUT_MS + " ms");
      }
      LockSupport.parkNanos(RETRY_NS);
    }
  }
}
