package dev.waybill.platformapi.intent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.contracts.spec.Severity;
import dev.waybill.contracts.workload.Findings;
import dev.waybill.contracts.workload.ScanPosted;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads a scanner's report: how many findings of which severity.
 *
 * @see <a href="https://cyclonedx.org/docs/1.6/json/#vulnerabilities">CycloneDX,
 *     vulnerabilities</a>
 * @see <a href="https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html">SARIF 2.1.0</a>
 */
public final class ScanReport {
  private static final Set<String> SET_ASIDE =
      Set.of("not_affected", "false_positive", "resolved", "resolved_with_pedigree");
  private static final double CRITICAL = 9.0;
  private static final double HIGH = 7.0;
  private static final double MEDIUM = 4.0;

  private final Map<Severity, Integer> counts = new EnumMap<>(Severity.class);
  private final Map<Severity, String> examples = new EnumMap<>(Severity.class);

  private ScanReport() {}

  /**
   * The report as intent.
   *
   * @param received when it came in: a report can't be younger than that
   * @throws Problem.Raised if it is in neither format
   */
  public static ScanPosted read(
      JsonNode report, String digest, String reportDigest, Instant received) {
    var read = new ScanReport();
    var posted = ScanPosted.newBuilder().setDigest(digest).setReportDigest(reportDigest);
    if (report.path("bomFormat").asText().equals("CycloneDX")) {
      read.cycloneDx(report);
      posted
          .setFormat("cyclonedx")
          .setScanner(cycloneDxTool(report.path("metadata").path("tools")))
          .setScannedMs(scanned(report.path("metadata").path("timestamp").asText(), received));
    } else if (report.path("runs").isArray()) {
      read.sarif(report);
      JsonNode first = report.path("runs").path(0);
      posted
          .setFormat("sarif")
          .setScanner(text(first.path("tool").path("driver").path("name"), "a scanner"))
          .setScannedMs(
              scanned(first.path("invocations").path(0).path("endTimeUtc").asText(), received));
    } else {
      throw new Problem.Raised(
          Problem.invalid(
              "the report is neither CycloneDX (bomFormat) nor SARIF (runs); send one of them"));
    }
    return posted.addAllFindings(read.findings()).build();
  }

  private Iterable<Findings> findings() {
    return counts.entrySet().stream()
        .map(
            e ->
                Findings.newBuilder()
                    .setSeverity(e.getKey())
                    .setCount(e.getValue())
                    .setExample(examples.getOrDefault(e.getKey(), ""))
                    .build())
        .toList();
  }

  private static String cycloneDxTool(JsonNode tools) {
    JsonNode first = tools.isArray() ? tools.path(0) : tools.path("components").path(0);
    return text(first.path("name"), "a scanner");
  }

  private static String text(JsonNode node, String otherwise) {
    String text = node.asText();
    return text.isEmpty() ? otherwise : text;
  }

  private static long scanned(String said, Instant received) {
    if (said.isEmpty()) {
      return received.toEpochMilli();
    }
    try {
      return Math.min(
          OffsetDateTime.parse(said).toInstant().toEpochMilli(), received.toEpochMilli());
    } catch (DateTimeParseException e) {
      throw new Problem.Raised(
          Problem.invalid("the report's time '%s' is none; write RFC 3339".formatted(said)));
    }
  }

  private void cycloneDx(JsonNode report) {
    for (JsonNode vulnerability : report.path("vulnerabilities")) {
      if (!SET_ASIDE.contains(vulnerability.path("analysis").path("state").asText())) {
        Severity worst = Severity.SEVERITY_UNSPECIFIED;
        for (JsonNode rating : vulnerability.path("ratings")) {
          worst = worse(worst, ofWord(rating.path("severity").asText()));
        }
        count(worst, vulnerability.path("id").asText());
      }
    }
  }

  private void sarif(JsonNode report) {
    for (JsonNode run : report.path("runs")) {
      for (JsonNode result : run.path("results")) {
        if (result.path("suppressions").isEmpty()) {
          count(ofResult(run, result), result.path("ruleId").asText());
        }
      }
    }
  }

  /** Scanners put a CVSS score beside the rule; without one the level has to do. */
  private static Severity ofResult(JsonNode run, JsonNode result) {
    String score = score(result);
    for (JsonNode rule : run.path("tool").path("driver").path("rules")) {
      if (score.isEmpty() && rule.path("id").asText().equals(result.path("ruleId").asText())) {
        score = score(rule);
      }
    }
    if (!score.isEmpty()) {
      return ofScore(score);
    }
    return switch (text(result.path("level"), "warning")) {
      case "error" -> Severity.SEVERITY_HIGH;
      case "warning" -> Severity.SEVERITY_MEDIUM;
      case "note" -> Severity.SEVERITY_LOW;
      default -> Severity.SEVERITY_NONE;
    };
  }

  private static String score(JsonNode of) {
    return of.path("properties").path("security-severity").asText();
  }

  private static Severity ofScore(String text) {
    double score;
    try {
      score = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new Problem.Raised(
          Problem.invalid("security-severity '%s' is no number".formatted(text)));
    }
    if (score >= CRITICAL) {
      return Severity.SEVERITY_CRITICAL;
    }
    if (score >= HIGH) {
      return Severity.SEVERITY_HIGH;
    }
    if (score >= MEDIUM) {
      return Severity.SEVERITY_MEDIUM;
    }
    return score > 0 ? Severity.SEVERITY_LOW : Severity.SEVERITY_NONE;
  }

  /** What nobody rated may be anything: it counts as high. */
  private static Severity ofWord(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "critical" -> Severity.SEVERITY_CRITICAL;
      case "medium" -> Severity.SEVERITY_MEDIUM;
      case "low" -> Severity.SEVERITY_LOW;
      case "info", "none" -> Severity.SEVERITY_NONE;
      default -> Severity.SEVERITY_HIGH;
    };
  }

  private static Severity worse(Severity a, Severity b) {
    return a.getNumber() >= b.getNumber() ? a : b;
  }

  private void count(Severity severity, String name) {
    Severity known = severity == Severity.SEVERITY_UNSPECIFIED ? Severity.SEVERITY_HIGH : severity;
    counts.merge(known, 1, Integer::sum);
    examples.merge(known, name, (a, b) -> a.compareTo(b) <= 0 ? a : b);
  }
}
