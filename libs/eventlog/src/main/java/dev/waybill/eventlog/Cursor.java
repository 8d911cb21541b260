package dev.waybill.eventlog;

import java.time.Duration;
import java.util.List;

/** A reader's place in some partitions. For one thread, but for {@link #wakeup()}. */
public interface Cursor extends AutoCloseable {
  /** The next events, as soon as there are any; none when {@code atMost} has passed. */
  List<Recorded> poll(Duration atMost);

  /** The next offset that it will read there. */
  long position(Partition partition);

  /** Lets a poll under way return at once, from another thread. */
  void wakeup();

  @Override
  void close();
}
