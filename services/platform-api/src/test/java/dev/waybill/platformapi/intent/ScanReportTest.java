package dev.waybill.platformapi.intent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.contracts.spec.Severity;
import dev.waybill.contracts.workload.ScanPosted;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Reports as scanners write them. */
class ScanReportTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  @Test
  void cyclonedx_counts_each_vulnerability_by_its_worst_rating_and_leaves_out_what_vex_sets_aside()
      throws Exception {
    ScanPosted posted =
        read(
            """
            {"bomFormat":"CycloneDX","specVersion":"1.5",
             "metadata":{"timestamp":"2026-11-24T11:00:00Z","tools":{"components":[{"name":"grype"}]}},
             "vulnerabilities":[
               {"id":"CVE-2","ratings":[{"severity":"low"},{"severity":"high"}]},
               {"id":"CVE-1","ratings":[{"severity":"high"}]},
               {"id":"CVE-3","ratings":[{"severity":"critical"}],"analysis":{"state":"not_affected"}},
               {"id":"CVE-4"}]}""");
    assertThat(posted.getScanner()).isEqualTo("grype");
    assertThat(posted.getFormat()).isEqualTo("cyclonedx");
    assertThat(posted.getScannedMs()).isEqualTo(NOW.minusSeconds(3600).toEpochMilli());
    assertThat(posted.getFindingsList()).hasSize(1);
    assertThat(posted.getFindings(0).getSeverity()).isEqualTo(Severity.SEVERITY_HIGH);
    assertThat(posted.getFindings(0).getCount()).isEqualTo(3);
    assertThat(posted.getFindings(0).getExample()).isEqualTo("CVE-1");
  }

  @Test
  void sarif_takes_the_rule_s_score_before_the_level_and_leaves_out_what_is_suppressed()
      throws Exception {
    ScanPosted posted =
        read(
            """
            {"version":"2.1.0","runs":[{"tool":{"driver":{"name":"trivy","rules":[
               {"id":"CVE-1","properties":{"security-severity":"9.8"}}]}},
              "results":[{"ruleId":"CVE-1","level":"note"},{"ruleId":"CVE-2","level":"note"},
               {"ruleId":"CVE-3","level":"error","suppressions":[{"kind":"external"}]}]}]}""");
    assertThat(posted.getScanner()).isEqualTo("trivy");
    assertThat(posted.getScannedMs()).isEqualTo(NOW.toEpochMilli());
    assertThat(posted.getFindingsList())
        .extracting("severity")
        .containsExactly(Severity.SEVERITY_LOW, Severity.SEVERITY_CRITICAL);
  }

  @Test
  void a_report_from_the_future_counts_from_its_receipt() throws Exception {
    ScanPosted posted =
        read("{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"timestamp\":\"2030-01-01T00:00:00Z\"}}");
    assertThat(posted.getScannedMs()).isEqualTo(NOW.toEpochMilli());
  }

  @Test
  void what_is_neither_is_refused() {
    assertThatThrownBy(() -> read("{}")).hasMessageContaining("neither CycloneDX");
    assertThatThrownBy(
            () -> read("{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"timestamp\":\"today\"}}"))
        .hasMessageContaining("'today' is none");
  }

  private static ScanPosted read(String report) throws Exception {
    return ScanReport.read(new ObjectMapper().readTree(report), "sha256:x", "sha256:y", NOW);
  }
}
