package dev.waybill.noderunner.agent;

import dev.waybill.noderunner.agent.ContainerRecord.Phase;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** The containers of this node, for any thread to look at and to wait for. */
final class Actors {
  private final Map<String, ContainerActor> byId = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  void put(ContainerActor actor) {
    lock.lock();
    try {
      byId.put(actor.record().id(), actor);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void remove(String id) {
    lock.lock();
    try {
      byId.remove(id);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A container's record is another one now. */
  void changed() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  Optional<ContainerActor> find(String id) {
    lock.lock();
    try {
      return Optional.ofNullable(byId.get(id));
    } finally {
      lock.unlock();
    }
  }

  /** All of them, as they are now. */
  Collection<ContainerActor> all() {
    lock.lock();
    try {
      return List.copyOf(byId.values());
    } finally {
      lock.unlock();
    }
  }

  /** How many have a program that runs. */
  int running() {
    return (int) all().stream().filter(a -> a.record().phase() == Phase.RUNNING).count();
  }

  /** Waits for a container; false if it doesn't come within that time. */
  boolean awaitPresence(String id, Duration atMost) throws InterruptedException {
    return await(() -> byId.containsKey(id), atMost);
  }

  /** Waits until no program runs; false if one still does after that time. */
  boolean awaitQuiet(Duration atMost) throws InterruptedException {
    return await(() -> running() == 0, atMost);
  }

  private boolean await(BooleanSupplier wanted, Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lock();
    try {
      while (!wanted.getAsBoolean()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
