package dev.waybill.scheduling;

import dev.waybill.contracts.container.ContainerUnschedulable;
import java.util.stream.Collectors;

/** The one line that tells people why a container has no node. */
final class Unschedulable {
  private Unschedulable() {}

  static String describe(ContainerUnschedulable verdict) {
    if (verdict.getFilteredList().isEmpty()) {
      return "no node has registered";
    }
    return verdict.getFilteredList().stream()
        .map(f -> "%d node(s) by %s: %s".formatted(f.getNodes(), f.getConstraint(), f.getExample()))
        .collect(Collectors.joining("; "));
  }
}
