package dev.waybill.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What a benchmark found: a table for people, a JSON file for programs. */
final class Result {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final String unit;
  private final Samples ours = new Samples();
  private final Map<String, Samples> peers = new TreeMap<>();
  private final Map<String, String> skipped = new TreeMap<>();
  private final ObjectNode extra = JSON.createObjectNode();

  Result(String name, String unit) {
    this.name = name;
    this.unit = unit;
  }

  Samples ours() {
    return ours;
  }

  Samples peer(String peer) {
    return peers.computeIfAbsent(peer, key -> new Samples());
  }

  /** Whether anything of it was measured. */
  boolean has(String peer) {
    return peers.containsKey(peer);
  }

  void skip(String peer, String reason) {
    skipped.put(peer, reason);
  }

  ObjectNode extra() {
    return extra;
  }

  /** What was measured, without what describes it. */
  ObjectNode json() {
    ObjectNode json = JSON.createObjectNode();
    json.set("ours", ours.json());
    ObjectNode peersJson = json.putObject("peers");
    ObjectNode ratios = json.putObject("ratios");
    peers.forEach(
        (peer, samples) -> {
          peersJson.set(peer, samples.json());
          ratios.put(peer, ours.ratio(samples));
        });
    json.set("extra", extra);
    return json;
  }

  void write(Path directory) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("name", name).put("unit", unit);
    json.put("machine", machine());
    json.setAll(json());
    ObjectNode skippedJson = json.putObject("skipped");
    skipped.forEach(skippedJson::put);
    Files.createDirectories(directory);
    Path file = directory.resolve(name + ".json");
    JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
    print(json.path("ratios"));
    System.out.println("written to " + file);
  }

  private static String machine() {
    return "%d processors, Linux %s"
        .formatted(Runtime.getRuntime().availableProcessors(), System.getProperty("os.version"));
  }

  private void print(JsonNode ratios) {
    System.out.printf(
        "%-18s %10s %10s %6s %8s%n", name + " (" + unit + ")", "p50", "p99", "n", "ratio");
    row("waybill", ours, "");
    peers.forEach((peer, samples) -> row(peer, samples, ratios.path(peer).asText()));
    skipped.forEach((peer, reason) -> System.out.printf("%-18s skipped: %s%n", peer, reason));
    if (!extra.isEmpty()) {
      System.out.println("extra: " + extra);
    }
  }

  private static void row(String who, Samples samples, String ratio) {
    ObjectNode json = samples.json();
    System.out.printf(
        "%-18s %10.2f %10.2f %6d %8s%n",
        who,
        json.path("p50").asDouble(),
        json.path("p99").asDouble(),
        json.path("n").asInt(),
        ratio);
  }
}
