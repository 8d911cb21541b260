package dev.waybill.scheduling;

import com.google.protobuf.Message;
import dev.waybill.eventlog.decider.Fact;
import java.util.ArrayList;
import java.util.List;

/** One decision under way: what was decided so far, and the state that has it folded in. */
final class Turn {
  private final Fact input;
  private final List<Message> decided = new ArrayList<>();
  private SchedulingState state;

  Turn(SchedulingState state, Fact input) {
    this.state = state;
    this.input = input;
  }

  Fact input() {
    return input;
  }

  SchedulingState state() {
    return state;
  }

  long nowMs() {
    return input.time().toEpochMilli();
  }

  void decide(Message message) {
    decided.add(message);
    state =
        Evolution.evolve(state, new Fact(input.eventId(), input.time(), input.actor(), message));
  }

  List<Message> decided() {
    return List.copyOf(decided);
  }
}
