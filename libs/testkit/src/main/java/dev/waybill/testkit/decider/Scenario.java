package dev.waybill.testkit.decider;

import com.google.protobuf.Message;
import dev.waybill.contracts.EventCatalog;
import dev.waybill.contracts.EventType;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.decider.Decider;
import dev.waybill.eventlog.decider.Fold;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A decider and the events that it was given, one after the other, on a clock that only tests move.
 */
public final class Scenario<S> {
  private final Map<Partition, Long> offsets = new HashMap<>();
  private final List<Message> decided = new ArrayList<>();
  private final String source;
  private Fold<S> fold;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private long events;

  public Scenario(Decider<S> decider) {
    this.source = "/cells/test/" + decider.name();
    this.fold = Fold.initial(decider, source);
  }

  /** Lets time pass. */
  public Scenario<S> after(Duration passed) {
    now = now.plus(passed);
    return this;
  }

  /** Gives events whose decisions are of no interest here. */
  public Scenario<S> given(Message... inputs) {
    for (Message input : inputs) {
      when(input);
    }
    return this;
  }

  /** Gives an event; what was decided on it. */
  public List<Message> when(Message input) {
    EventType type = EventCatalog.typeOf(input);
    String id = "input-" + ++events;
    Draft draft = Draft.fact(id, input, now, Lineage.origin(id, "user/test", null));
    Fold.Step<S> step;
    if (type.observation() && fold.decider().outputs().contains(type.topic())) {
      step = fold.observe(draft);
    } else {
      var partition = new Partition(type.topic(), 0);
      long offset = offsets.merge(partition, 1L, Long::sum) - 1;
      step = fold.feed(new Recorded(partition, offset, now, draft.asEvent("/test", events)));
    }
    fold = step.after();
    List<Message> outputs = step.outputs().stream().map(Draft::payload).toList();
    decided.addAll(outputs);
    return outputs;
  }

  /** The state now. */
  public S state() {
    return fold.state();
  }

  public Instant now() {
    return now;
  }

  /** Everything that was decided so far, in order. */
  public List<Message> decided() {
    return List.copyOf(decided);
  }

  /** The decisions of one type among {@code messages}. */
  public static <M extends Message> List<M> only(Class<M> type, List<Message> messages) {
    return messages.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** All decisions of one type so far. */
  public <M extends Message> List<M> decided(Class<M> type) {
    return only(type, decided);
  }
}
