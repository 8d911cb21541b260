package dev.waybill.eventlog.decider;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import java.util.List;
import java.util.Set;

/**
 * A service's decisions as two pure, total functions over facts: no clock, no random, no I/O.
 *
 * <p>An input is first a fact: it is folded into the state, then the decision is made on the state
 * that knows it. Each output is folded in as well. A decider sees facts of unknown type never, and
 * must pass over known ones that don't concern it.
 *
 * @param <S> the state: immutable, with a canonical form under {@link StateCodec}
 */
public interface Decider<S> {
  /** Its name, which is also the last element of its source: {@code scheduling}. */
  String name();

  /** Goes up when the same inputs would give other outputs. */
  int version();

  /** The topics it listens to; its own observations come on {@link #outputs()} besides. */
  Set<Topic> inputs();

  /** The topics it writes. */
  Set<Topic> outputs();

  /** The state before the first fact. */
  S initial();

  /** What follows from {@code input}, in order, on a state that has it folded in. */
  List<Message> decide(S state, Fact input);

  /** The state with a fact in it. Doesn't judge: what is on the log has happened. */
  S evolve(S state, Fact fact);
}
