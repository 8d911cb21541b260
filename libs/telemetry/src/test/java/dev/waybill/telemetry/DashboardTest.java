package dev.waybill.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The dashboard and the metrics know each other. */
class DashboardTest {
  private static final Path DASHBOARD =
      Path.of(System.getProperty("waybill.root", "../.."))
          .resolve("observability/grafana/waybill.json");
  private static final Pattern METRIC = Pattern.compile("waybill_[a-z_]+");

  @Test
  void the_dashboard_shows_all_metrics_that_exist_and_no_others() throws IOException {
    TreeSet<String> shown =
        METRIC
            .matcher(Files.readString(DASHBOARD))
            .results()
            .map(MatchResult::group)
            .map(name -> name.replaceFirst("_(bucket|sum|count)$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(shown)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(MetricName.values()).map(MetricName::text).toList());
  }

  @Test
  void every_metric_is_served_even_before_the_first_event() {
    String text = new EventMetrics().text();
    for (MetricName metric : MetricName.values()) {
      if (metric != MetricName.SPANS) {
        assertThat(text).contains("# TYPE " + metric.text() + " ");
      }
    }
  }
}
