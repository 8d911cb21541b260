package dev.waybill.nativerunner.sys;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/** A file descriptor that has one owner; closing it twice is the same as once. */
public final class Fd implements AutoCloseable {
  private final int number;
  private final IntConsumer closer;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /**
   * Takes a descriptor into possession.
   *
   * @param closer closes it
   */
  public Fd(int number, IntConsumer closer) {
    this.number = number;
    this.closer = closer;
  }

  /** The descriptor's number. */
  public int number() {
    return number;
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      closer.accept(number);
    }
  }
}
