package dev.waybill.testkit.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The requests so far, for tests to look at and to wait for. */
final class RequestRecord {
  private final List<String> requests = new ArrayList<>();

  synchronized void add(String request) {
    requests.add(request);
    notifyAll();
  }

  synchronized List<String> all() {
    return List.copyOf(requests);
  }

  synchronized long with(String part) {
    return requests.stream().filter(request -> request.contains(part)).count();
  }

  synchronized boolean await(String part, Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (with(part) == 0) {
      long leftMs = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        return false;
      }
      wait(leftMs);
    }
    return true;
  }
}
