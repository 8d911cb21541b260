package dev.waybill.registrysync.gate;

import dev.waybill.contracts.registry.RuleVerdict;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the gate says of a subject.
 *
 * @param rules each with what it was kept by, or what is missing
 * @param judgeAgainMs when time alone may change the verdict; 0 if never
 */
public record Verdict(List<RuleVerdict> rules, long judgeAgainMs) {
  public Verdict {
    rules = List.copyOf(rules);
  }

  /** All rules are kept. */
  public boolean passed() {
    return rules.stream().allMatch(RuleVerdict::getPassed);
  }

  /** The rules that are not, one line; empty if all are. */
  public String reason() {
    return rules.stream()
        .filter(rule -> !rule.getPassed())
        .map(Verdict::line)
        .collect(Collectors.joining("; "));
  }

  private static String line(RuleVerdict rule) {
    String by = rule.getPolicy().isEmpty() ? "" : " (policy " + rule.getPolicy() + ")";
    return rule.getRule() + ": " + rule.getWhy() + by;
  }
}
