package dev.waybill.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Measured values of one kind. */
final class Samples {
  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  void addAll(Samples more) {
    values.addAll(more.values);
  }

  /** Our median over theirs. */
  double ratio(Samples theirs) {
    return rounded(quantile(0.5) / theirs.quantile(0.5));
  }

  /** The value below which {@code share} of all are; nearest rank. */
  double quantile(double share) {
    List<Double> sorted = values.stream().sorted().toList();
    int rank = (int) Math.ceil(share * sorted.size());
    return sorted.get(Math.clamp(rank - 1, 0, sorted.size() - 1));
  }

  ObjectNode json() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("p50", rounded(quantile(0.5)));
    json.put("p99", rounded(quantile(0.99)));
    json.put("n", values.size());
    return json;
  }

  static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
