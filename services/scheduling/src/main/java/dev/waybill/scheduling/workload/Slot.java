package dev.waybill.scheduling.workload;

/**
 * One of a workload's places for a container.
 *
 * @param current the container in it; empty before the first
 * @param previous the one before, kept for a look at its logs; empty if none
 * @param attempts how many containers it has had
 * @param failures how many of the last ones in a row ended soon
 * @param timer the alarm that it waits for; empty if none
 */
public record Slot(String current, String previous, int attempts, int failures, String timer) {
  /** A place that has had no container. */
  public static final Slot EMPTY = new Slot("", "", 0, 0, "");

  /** With the next container in it. */
  public Slot next(String container) {
    return new Slot(container, current, attempts + 1, failures, "");
  }

  public Slot withFailures(int count) {
    return new Slot(current, previous, attempts, count, timer);
  }

  public Slot withTimer(String timerId) {
    return new Slot(current, previous, attempts, failures, timerId);
  }

  public Slot withoutPrevious() {
    return new Slot(current, "", attempts, failures, timer);
  }
}
