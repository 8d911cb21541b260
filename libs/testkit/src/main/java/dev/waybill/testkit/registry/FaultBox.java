package dev.waybill.testkit.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/** The faults that are on, and how often those that wear off have still to happen. */
final class FaultBox implements AutoCloseable {
  private final List<Fault> on = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  synchronized void add(Fault fault) {
    on.add(fault);
  }

  synchronized void clear() {
    on.clear();
  }

  synchronized <F extends Fault> Optional<F> find(Class<F> kind, Predicate<F> suits) {
    return on.stream().filter(kind::isInstance).map(kind::cast).filter(suits).findFirst();
  }

  synchronized <F extends Fault> Optional<F> find(Class<F> kind) {
    return find(kind, _ -> true);
  }

  /** The same, and one time less of it from now on. */
  synchronized <F extends Fault> Optional<F> take(Class<F> kind, Predicate<F> suits) {
    Optional<F> found = find(kind, suits);
    found.ifPresent(this::wearOff);
    return found;
  }

  private void wearOff(Fault fault) {
    Optional<Fault> next =
        switch (fault) {
          case Fault.Truncated(var digest, var after, var times) ->
              times > 1
                  ? Optional.of(new Fault.Truncated(digest, after, times - 1))
                  : Optional.empty();
          case Fault.Stalled(var digest, var after, var times) ->
              times > 1
                  ? Optional.of(new Fault.Stalled(digest, after, times - 1))
                  : Optional.empty();
          case Fault.Busy(var status, var delay, var times) ->
              times > 1 ? Optional.of(new Fault.Busy(status, delay, times - 1)) : Optional.empty();
          case Fault.BrokenManifest(var digest, var times) ->
              times > 1
                  ? Optional.of(new Fault.BrokenManifest(digest, times - 1))
                  : Optional.empty();
          default -> Optional.of(fault);
        };
    int at = on.indexOf(fault);
    on.remove(at);
    next.ifPresent(left -> on.add(at, left));
  }

  void awaitClose() throws InterruptedException {
    closed.await();
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
