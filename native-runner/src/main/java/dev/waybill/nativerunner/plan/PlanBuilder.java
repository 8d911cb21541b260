package dev.waybill.nativerunner.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Collects steps in any order of phases; the plan has them by phase, in the order they came. */
final class PlanBuilder {
  private final List<List<Step>> byPhase =
      Stream.generate(() -> (List<Step>) new ArrayList<Step>())
          .limit(Phase.values().length)
          .toList();
  private final List<String> notes = new ArrayList<>();

  void host(Op op, String origin) {
    add(Phase.HOST, op, origin);
  }

  void parent(Op op, String origin) {
    add(Phase.PARENT, op, origin);
  }

  void container(Op op, String origin) {
    add(Phase.CONTAINER, op, origin);
  }

  void start(Op op, String origin) {
    add(Phase.START, op, origin);
  }

  @SuppressWarnings("EnumOrdinal") // phases are in order
  void add(Phase phase, Op op, String origin) {
    byPhase.get(phase.ordinal()).add(new Step(phase, op, origin));
  }

  void note(String note) {
    notes.add(note);
  }

  LaunchPlan build() {
    List<Step> steps = new ArrayList<>();
    byPhase.forEach(steps::addAll);
    return new LaunchPlan(steps, notes);
  }
}
