package dev.waybill.eventlog.decider;

import com.google.protobuf.Message;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.InputRuns;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.pcollections.TreePMap;

/**
 * A decider's position in history, as a value: its state and all that its next outputs depend on.
 *
 * @param source the decider's CloudEvents source
 * @param clock the newest time seen: a decider's time never goes back
 * @param lastSequence the number of its newest output; 0 before the first
 * @param next the next offset per partition
 * @param pending inputs since the last output
 */
public record Fold<S>(
    Decider<S> decider,
    String source,
    S state,
    Instant clock,
    long lastSequence,
    TreePMap<Partition, Long> next,
    InputRuns pending) {

  /** A fold with what it decided. */
  public record Step<S>(Fold<S> after, List<Draft> outputs) {}

  /** The position before the first fact. */
  public static <S> Fold<S> initial(Decider<S> decider, String source) {
    return new Fold<>(
        decider, source, decider.initial(), Instant.EPOCH, 0, TreePMap.empty(), InputRuns.NONE);
  }

  /** Takes an input and decides what follows from it; one that was taken before changes nothing. */
  public Step<S> feed(Recorded input) {
    if (isPast(input)) {
      return new Step<>(this, List.of());
    }
    Fold<S> at = consumed(input);
    Event event = input.event();
    return event
        .payload()
        .map(payload -> at.decideOn(event, payload))
        .orElse(new Step<>(at, List.of()));
  }

  /** Takes an observation made at the edge: it goes to the log itself, before what follows. */
  public Step<S> observe(Draft observation) {
    var recorded =
        new Draft(
            observation.id(),
            observation.payload(),
            observation.time(),
            observation.lineage(),
            pending,
            decider.version());
    Step<S> step =
        withPending(InputRuns.NONE).decideOn(recorded.asEvent(source, 0), recorded.payload());
    var outputs = new ArrayList<Draft>();
    outputs.add(recorded);
    outputs.addAll(step.outputs());
    return new Step<>(step.after(), outputs);
  }

  private Step<S> decideOn(Event cause, Message payload) {
    Fact input = fact(cause, payload);
    Fold<S> at = withFact(input);
    List<Message> decided = decider.decide(at.state, input);
    var outputs = new ArrayList<Draft>();
    for (Message message : decided) {
      String id = EventIds.derived(cause.id(), source, outputs.size());
      String trace = EventIds.traceparent(cause.lineage().traceparent(), id);
      Lineage lineage = Lineage.causedBy(cause).withTraceparent(trace);
      outputs.add(new Draft(id, message, at.clock, lineage, at.pending, decider.version()));
      at =
          at.withFact(new Fact(id, at.clock, lineage.actor(), message)).withPending(InputRuns.NONE);
    }
    return new Step<>(at, outputs);
  }

  /** Takes an input as it happened, without deciding anything. */
  public Fold<S> evolve(Recorded input) {
    if (isPast(input)) {
      return this;
    }
    return consumed(input).withFactOf(input.event());
  }

  /** Takes one of the decider's own records as it happened. */
  public Fold<S> evolveOwn(Recorded own) {
    return appended(List.of(own)).withPending(InputRuns.NONE).withFactOf(own.event());
  }

  /** Takes note of where its outputs came to stand. */
  public Fold<S> appended(List<Recorded> own) {
    Fold<S> at = this;
    for (Recorded recorded : own) {
      at = at.withNext(recorded.partition(), recorded.offset() + 1).after(recorded.event());
    }
    return at;
  }

  private boolean isPast(Recorded input) {
    return input.offset() < next.getOrDefault(input.partition(), 0L);
  }

  private Fold<S> consumed(Recorded input) {
    return withNext(input.partition(), input.offset() + 1)
        .withPending(pending.plus(input.partition(), input.offset()));
  }

  private Fold<S> after(Event own) {
    return new Fold<>(decider, source, state, clock, own.sequence(), next, pending);
  }

  private Fold<S> withFactOf(Event event) {
    return event.payload().map(payload -> withFact(fact(event, payload))).orElse(this);
  }

  private Fold<S> withNext(Partition partition, long offset) {
    return new Fold<>(
        decider, source, state, clock, lastSequence, next.plus(partition, offset), pending);
  }

  private Fact fact(Event event, Message payload) {
    Instant time = event.time().isAfter(clock) ? event.time() : clock;
    return new Fact(event.id(), time, event.lineage().actor(), payload);
  }

  private Fold<S> withFact(Fact fact) {
    return new Fold<>(
        decider, source, decider.evolve(state, fact), fact.time(), lastSequence, next, pending);
  }

  private Fold<S> withPending(InputRuns runs) {
    return new Fold<>(decider, source, state, clock, lastSequence, next, runs);
  }
}
