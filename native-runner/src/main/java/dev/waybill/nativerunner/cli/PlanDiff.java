package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.plan.LaunchPlan;
import dev.waybill.nativerunner.plan.PlanText;
import java.util.ArrayList;
import java.util.List;

/** What is done otherwise in another plan: its operations in order, one a line. */
final class PlanDiff {
  private final List<String> first;
  private final List<String> second;
  private final int[][] common;

  private PlanDiff(List<String> first, List<String> second) {
    this.first = first;
    this.second = second;
    this.common = common(first, second);
  }

  /** Lines with {@code -} are only in the first plan, with {@code +} only in the second. */
  static String of(LaunchPlan first, LaunchPlan second) {
    if (first.digest().equals(second.digest())) {
      return "same plan " + first.digest() + "\n";
    }
    List<String> lines = new PlanDiff(lines(first), lines(second)).changes();
    return "- %s%n+ %s%n%s%n".formatted(first.digest(), second.digest(), String.join("\n", lines));
  }

  private static List<String> lines(LaunchPlan plan) {
    return plan.steps().stream()
        .map(s -> s.phase() + "  " + PlanText.line(s.op()) + "   <- " + s.origin())
        .toList();
  }

  /** For each pair of places the length of the longest common rest. */
  private static int[][] common(List<String> first, List<String> second) {
    int[][] common = new int[first.size() + 1][second.size() + 1];
    for (int i = first.size() - 1; i >= 0; i--) {
      for (int j = second.size() - 1; j >= 0; j--) {
        common[i][j] =
            first.get(i).equals(second.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    return common;
  }

  private List<String> changes() {
    List<String> changes = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < first.size() || j < second.size()) {
      if (i < first.size() && j < second.size() && first.get(i).equals(second.get(j))) {
        i++;
        j++;
      } else if (j == second.size() || i < first.size() && common[i + 1][j] >= common[i][j + 1]) {
        changes.add("- " + first.get(i++));
      } else {
        changes.add("+ " + second.get(j++));
      }
    }
    return changes;
  }
}
