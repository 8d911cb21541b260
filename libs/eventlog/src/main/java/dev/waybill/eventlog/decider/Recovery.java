package dev.waybill.eventlog.decider;

import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.InputRuns;
import dev.waybill.eventlog.Recorded;
import org.jspecify.annotations.Nullable;

/**
 * Brings a decider back to where the log says it was. Nothing is decided here: outputs are taken as
 * recorded, and the inputs in the order that the outputs recorded. Inputs after the last output are
 * left to be fed again; nothing had come of them.
 */
public final class Recovery {
  private Recovery() {}

  /** The fold at the last output, starting from an earlier one (initial or a snapshot's). */
  public static <S> Fold<S> recover(EventLog log, Fold<S> from) {
    Fold<S> at = from;
    try (var tape = new InputTape(log, from.next())) {
      for (Recorded own : OwnRecords.after(log, from)) {
        at = evolveInputs(at, tape, own.event().inputs());
        at = at.evolveOwn(own);
      }
    }
    return at;
  }

  private static <S> Fold<S> evolveInputs(
      Fold<S> from, InputTape tape, @Nullable InputRuns inputs) {
    Fold<S> at = from;
    if (inputs == null) {
      return at;
    }
    for (InputRuns.Run run : inputs.runs()) {
      long first = Math.max(run.first(), at.next().getOrDefault(run.partition(), 0L));
      for (long offset = first; offset <= run.last(); offset++) {
        at = at.evolve(tape.at(run.partition(), offset));
      }
    }
    return at;
  }
}
