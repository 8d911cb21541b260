package dev.waybill.telemetry;

/** Every metric there is; dashboards may use these and no others. */
public enum MetricName {
  EVENTS("waybill_events_total", "counter", "Events on the log, by service and type."),
  DECISIONS("waybill_decisions_total", "counter", "Events that a decider decided, by service."),
  PULLS("waybill_pulls_total", "counter", "Answers to image requests, by outcome."),
  EXITS("waybill_container_exits_total", "counter", "Containers that ended, by outcome."),
  START_SECONDS(
      "waybill_start_seconds",
      "histogram",
      "Seconds from a container's request to the report that its program runs."),
  LOG_DELAY_SECONDS(
      "waybill_log_delay_seconds",
      "gauge",
      "Seconds between when the newest event happened and when the log took it, by service."),
  SPANS("waybill_spans_total", "counter", "Spans by whether the collector took them.");

  private final String text;
  private final String kind;
  private final String help;

  MetricName(String text, String kind, String help) {
    this.text = text;
    this.kind = kind;
    this.help = help;
  }

  /** As Prometheus knows it. */
  public String text() {
    return text;
  }

  String kind() {
    return kind;
  }

  String help() {
    return help;
  }
}
