package dev.waybill.registrysync.gate;

import dev.waybill.contracts.spec.ScanRule;
import dev.waybill.contracts.spec.Severity;
import dev.waybill.contracts.workload.Findings;
import dev.waybill.contracts.workload.ScanPosted;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** What a scan rule comes to. */
final class Scans {
  private Scans() {}

  /**
   * A finding that may not last.
   *
   * @param judgeAgainMs when the report is too old; 0 if it never is
   */
  record Checked(Finding finding, long judgeAgainMs) {}

  static Checked check(ScanRule rule, Known known) {
    Optional<ScanPosted> posted = known.scan();
    if (posted.isEmpty()) {
      return new Checked(
          Finding.broken("no scanner reported on it; POST a report to /v1/images/DIGEST/scans"), 0);
    }
    ScanPosted scan = posted.get();
    String by = "%s of %s".formatted(scan.getScanner(), Instant.ofEpochMilli(scan.getScannedMs()));
    long tooOldMs = rule.getAgeMaxMs() == 0 ? 0 : scan.getScannedMs() + rule.getAgeMaxMs();
    if (tooOldMs > 0 && known.nowMs() >= tooOldMs) {
      return new Checked(
          Finding.broken(
              "the report by %s is older than %s; scan it again"
                  .formatted(by, Judge.days(rule.getAgeMaxMs()))),
          0);
    }
    return new Checked(
        worst(scan)
            .filter(worst -> worst.getSeverityValue() > most(rule))
            .map(worst -> Finding.broken(tooBad(worst, rule, by)))
            .orElseGet(() -> Finding.kept("nothing above %s by %s".formatted(word(rule), by))),
        tooOldMs);
  }

  private static Optional<Findings> worst(ScanPosted scan) {
    return scan.getFindingsList().stream()
        .filter(findings -> findings.getCount() > 0)
        .max((a, b) -> Integer.compare(a.getSeverityValue(), b.getSeverityValue()));
  }

  private static int most(ScanRule rule) {
    return Math.max(rule.getSeverityMaxValue(), Severity.SEVERITY_NONE_VALUE);
  }

  private static String tooBad(Findings worst, ScanRule rule, String by) {
    String example = worst.getExample().isEmpty() ? "" : ", such as " + worst.getExample();
    return "%d %s finding(s)%s by %s; at most %s is allowed"
        .formatted(worst.getCount(), word(worst.getSeverity()), example, by, word(rule));
  }

  private static String word(ScanRule rule) {
    return word(rule.getSeverityMax());
  }

  private static String word(Severity severity) {
    return severity == Severity.SEVERITY_UNSPECIFIED
        ? "none"
        : severity.name().replace("SEVERITY_", "").toLowerCase(Locale.ROOT);
  }
}
