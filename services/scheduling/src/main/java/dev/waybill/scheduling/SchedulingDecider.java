package dev.waybill.scheduling;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.decider.Decider;
import dev.waybill.eventlog.decider.Fact;
import java.util.List;
import java.util.Set;

/**
 * The scheduling decider: answers the request itself, then brings the cell nearer to what is
 * wanted.
 */
public final class SchedulingDecider implements Decider<SchedulingState> {
  /** The last element of its source. */
  public static final String NAME = "scheduling";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int version() {
    return 3;
  }

  @Override
  public Set<Topic> inputs() {
    return Set.of(Topic.WORKLOADS, Topic.REGISTRY, Topic.IMAGES, Topic.NETWORKING, Topic.NODES);
  }

  @Override
  public Set<Topic> outputs() {
    return Set.of(Topic.SCHEDULING, Topic.ASSIGNMENTS);
  }

  @Override
  public SchedulingState initial() {
    return SchedulingState.EMPTY;
  }

  @Override
  public List<Message> decide(SchedulingState state, Fact input) {
    var turn = new Turn(state, input);
    Requests.answer(turn);
    Workloads.reconcile(turn);
    Containers.advance(turn);
    Evictions.advance(turn);
    Workloads.settle(turn);
    return turn.decided();
  }

  @Override
  public SchedulingState evolve(SchedulingState state, Fact fact) {
    return Evolution.evolve(state, fact);
  }
}
