package dev.waybill.eventlog.decider;

import com.google.protobuf.Message;
import java.time.Instant;
import java.util.List;

/**
 * The place where the world outside the log enters a decider: a clock that finds a timer due, a
 * pulse that stopped. What it observes goes to the log before anything follows from it.
 */
@FunctionalInterface
public interface Observer<S> {
  /** What is to be noted now; called often, mostly with nothing to say. */
  List<Message> observe(S state, Instant now);

  /** For a decider without timers. */
  static <S> Observer<S> blind() {
    return (state, now) -> List.of();
  }
}
