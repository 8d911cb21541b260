package dev.waybill.nativerunner.service;

import dev.waybill.nativerunner.cgroup.ContainerCgroup;
import dev.waybill.nativerunner.launch.Pids;
import dev.waybill.nativerunner.launch.StartSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One container of the table.
 *
 * <p>Its state is what the world says, not a field: the start socket is there while it waits, the
 * exit is complete once it has ended, the freezer says whether it stands still.
 */
final class Container {
  /** Where a container is in its life. */
  enum Status {
    /** Waits to be started. → RUNNING, STOPPED */
    CREATED,
    /** The program runs. → PAUSED, STOPPED */
    RUNNING,
    /** Frozen. → RUNNING, STOPPED */
    PAUSED,
    /** Its first process has ended. Stays so until it is deleted. */
    STOPPED
  }

  private final ContainerRecord entry;
  private final StateDir dir;
  private final Pids pids;
  private final ContainerCgroup cgroup;
  private final CompletableFuture<Exit> exit = new CompletableFuture<>();
  private final Execs execs;

  /** Held by whoever changes the container: start, delete, pause, update. */
  private final ReentrantLock change = new ReentrantLock();

  /** Complete unless a start is under way: what it says about a failure belongs to the exit. */
  private volatile CompletableFuture<String> starting = CompletableFuture.completedFuture("");

  private volatile long startedAtNs;

  Container(ContainerRecord entry, StateDir dir, Pids pids, long startedAtNs, Execs execs) {
    this.entry = entry;
    this.dir = dir;
    this.pids = pids;
    this.cgroup = new ContainerCgroup(entry.cgroups());
    this.startedAtNs = startedAtNs;
    this.execs = execs;
  }

  ContainerRecord entry() {
    return entry;
  }

  StateDir dir() {
    return dir;
  }

  Pids pids() {
    return pids;
  }

  ContainerCgroup cgroup() {
    return cgroup;
  }

  CompletableFuture<Exit> exit() {
    return exit;
  }

  Execs execs() {
    return execs;
  }

  ReentrantLock change() {
    return change;
  }

  long startedAtNs() {
    return startedAtNs;
  }

  void setStartedAtNs(long atNs) {
    startedAtNs = atNs;
  }

  /** A start begins; {@link #startDone} must follow. */
  void startBegins() {
    starting = new CompletableFuture<>();
  }

  /**
   * A start is over.
   *
   * @param failure why it failed; empty if it did not
   */
  void startDone(String failure) {
    starting.complete(failure);
  }

  /** Why it could not be started, once a start that is under way is over; empty if it could. */
  CompletableFuture<String> startFailure() {
    return starting;
  }

  Status status() {
    if (exit.isDone()) {
      return Status.STOPPED;
    }
    if (StartSocket.waits(dir.path())) {
      return Status.CREATED;
    }
    return cgroup.isFrozen() ? Status.PAUSED : Status.RUNNING;
  }
}
