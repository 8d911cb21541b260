package dev.waybill.eventlog.decider;

import dev.waybill.contracts.EventCatalog;
import dev.waybill.contracts.EventType;
import dev.waybill.contracts.snapshot.DeciderSnapshot;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventJson;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Headers;
import dev.waybill.eventlog.InputRuns;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.kernel.Digest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides a decider's whole history again, from the recorded inputs in their recorded order, and
 * compares every event byte for byte and the state by hash.
 */
public final class Replay<S> {
  private final EventLog log;
  private final String source;
  private final StateCodec<S> codec;
  private final Decider<S> decider;
  private final Deque<Event> expected = new ArrayDeque<>();
  private Fold<S> fold;
  private long inputs;

  /** What a replay found. */
  public sealed interface Outcome {
    /**
     * Every event and every kept state hash agrees.
     *
     * @param stateHash hash of the state after the last event
     */
    record Agrees(String decider, long events, long inputs, int hashes, Digest stateHash)
        implements Outcome {}

    /** The first difference, with what was decided again and what the log holds. */
    record Diverges(String decider, long sequence, String decided, String recorded)
        implements Outcome {}
  }

  public Replay(EventLog log, Decider<S> decider, String source, Class<S> stateType) {
    this.log = log;
    this.decider = decider;
    this.source = source;
    this.codec = new StateCodec<>(stateType);
    this.fold = Fold.initial(decider, source);
  }

  /** Runs it. For one use. */
  public Outcome run() {
    Map<Long, DeciderSnapshot> snapshots = new TreeMap<>();
    Snapshots.of(log, decider).forEach(s -> snapshots.put(s.getLastSequence(), s));
    List<Recorded> seen = OwnRecords.after(log, fold);
    long last = seen.isEmpty() ? 0 : seen.getLast().event().sequence();
    // The decider may be at work: of several topics one is read before the other, and what is seen
    // last may lack its companions. A second reading has all up to there.
    List<Recorded> own = OwnRecords.after(log, fold);
    int hashes = 0;
    try (var tape = new InputTape(log, Map.of())) {
      for (Recorded recorded : own) {
        if (recorded.event().sequence() > last && expected.isEmpty()) {
          break;
        }
        Outcome.Diverges difference = step(recorded, tape);
        if (difference != null) {
          return difference;
        }
        DeciderSnapshot snapshot = snapshots.get(recorded.event().sequence());
        // A snapshot shows the state between decisions: never while outputs of one are still due.
        if (snapshot != null && expected.isEmpty()) {
          Outcome.Diverges wrongState = compareState(snapshot);
          if (wrongState != null) {
            return wrongState;
          }
          hashes++;
        }
      }
    }
    if (!expected.isEmpty()) {
      return diverges(fold.lastSequence() + 1, describe(expected.peek()), "nothing");
    }
    return new Outcome.Agrees(
        decider.name(), fold.lastSequence(), inputs, hashes, codec.hash(fold.state()));
  }

  private Outcome.@Nullable Diverges step(Recorded recorded, InputTape tape) {
    Event event = recorded.event();
    feedRuns(event.inputs(), tape);
    if (isObservation(event)) {
      observe(event);
    }
    Event decided = expected.poll();
    if (decided == null) {
      return diverges(event.sequence(), "nothing", describe(event));
    }
    if (!Headers.of(decided).equals(Headers.of(event)) || !decided.data().equals(event.data())) {
      return diverges(event.sequence(), describe(decided), describe(event));
    }
    fold = fold.appended(List.of(recorded));
    return null;
  }

  private boolean isObservation(Event event) {
    return expected.isEmpty()
        && EventCatalog.find(event.type()).map(EventType::observation).orElse(false);
  }

  private void observe(Event event) {
    event
        .payload()
        .ifPresent(
            payload -> {
              Draft observation = Draft.fact(event.id(), payload, event.time(), event.lineage());
              expect(fold.observe(observation));
            });
  }

  private void feedRuns(@Nullable InputRuns runs, InputTape tape) {
    if (runs == null) {
      return;
    }
    for (InputRuns.Run run : runs.runs()) {
      for (long offset = nextOffset(run); offset <= run.last(); offset++) {
        expect(fold.feed(tape.at(run.partition(), offset)));
        inputs++;
      }
    }
  }

  private long nextOffset(InputRuns.Run run) {
    Partition partition = run.partition();
    return Math.max(run.first(), fold.next().getOrDefault(partition, 0L));
  }

  private void expect(Fold.Step<S> step) {
    fold = step.after();
    long sequence = fold.lastSequence() + expected.size();
    for (Draft draft : step.outputs()) {
      expected.add(draft.asEvent(source, ++sequence));
    }
  }

  private Outcome.@Nullable Diverges compareState(DeciderSnapshot snapshot) {
    Digest decided = codec.hash(fold.state());
    String kept = HexFormat.of().formatHex(snapshot.getStateHash().toByteArray());
    return decided.hex().equals(kept)
        ? null
        : diverges(snapshot.getLastSequence(), "state " + decided, "state sha256:" + kept);
  }

  private Outcome.Diverges diverges(long sequence, String decided, String recorded) {
    return new Outcome.Diverges(decider.name(), sequence, decided, recorded);
  }

  private static String describe(@Nullable Event event) {
    if (event == null) {
      return "nothing";
    }
    String data = event.payload().map(EventJson::payloadJson).orElse("?");
    return Headers.of(event) + " " + data;
  }
}
