package dev.waybill.nativerunner.service;

import dev.waybill.nativerunner.cgroup.ContainerCgroup;
import dev.waybill.nativerunner.launch.Pids;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Finds the containers of an earlier service again, exits that nobody saw included. */
final class Recovery {
  private static final Logger LOG = Logger.getLogger(Recovery.class.getName());
  private static final long HALF_MADE_TIMEOUT_MS = 10_000;
  private static final long RETRY_NS = 2_000_000;
  private static final int SIGKILL = 9;

  private final Path root;
  private final Containers containers;
  private final Host host;

  Recovery(Path root, Containers containers, Host host) {
    this.root = root;
    this.containers = containers;
    this.host = host;
  }

  /** How many containers were found. */
  int recover() throws IOException {
    int found = 0;
    try (var dirs = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path path : dirs) {
        if (Files.exists(path.resolve(ContainerRecord.NAME))) {
          found += recover(new StateDir(path)) ? 1 : 0;
        }
      }
    }
    return found;
  }

  private boolean recover(StateDir dir) throws IOException {
    ContainerRecord entry;
    try {
      entry = ContainerRecord.read(dir.path());
    } catch (IOException unreadable) {
      LOG.log(Level.WARNING, "container not readable, left alone dir=" + dir.path(), unreadable);
      return false;
    }
    Optional<Pids> pids = awaitPids(dir);
    if (pids.isEmpty()) {
      removeHalfMade(dir, entry);
      return false;
    }
    Execs execs = new Execs(dir.path(), host, containers.follower());
    long startedAtNs = entry.startedAtNs() > 0 ? entry.startedAtNs() : dir.readStarted();
    Container container = new Container(entry, dir, pids.get(), startedAtNs, execs);
    containers.put(container);
    containers
        .follower()
        .followAgain(dir.path(), pids.get(), exit -> Lifecycle.ended(container, exit));
    execs.recover();
    return true;
  }

  /** An executor that an earlier service spawned may still be at work: its lock says so. */
  private static Optional<Pids> awaitPids(StateDir dir) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HALF_MADE_TIMEOUT_MS);
    while (true) {
      boolean alive = dir.isLocked();
      Optional<Pids> pids = Pids.read(dir.path());
      if (pids.isPresent() || !alive || System.nanoTime() > deadline) {
        return pids;
      }
      LockSupport.parkNanos(RETRY_NS);
    }
  }

  private void removeHalfMade(StateDir dir, ContainerRecord entry) throws IOException {
    LOG.info("half-made container removed container=" + entry.id());
    ContainerCgroup cgroup = new ContainerCgroup(entry.cgroups());
    for (int pid : cgroup.pids()) {
      host.kernel().signal(pid, SIGKILL);
    }
    Lifecycle.remove(cgroup);
    dir.remove();
  }
}
