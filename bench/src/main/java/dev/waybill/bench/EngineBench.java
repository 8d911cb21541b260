package dev.waybill.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.bench.PeerEngine.Network;
import dev.waybill.cli.api.ApiClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@code engine}: run a program that ends at once, and remove its container, by us and by other
 * engines in turn. Peers are timed as the commands that people type; of ours both the command and
 * the request to the API that it makes.
 */
final class EngineBench {
  private static final int RUNS = 40;
  private static final int WARM_UP = 5;

  /**
   * Containers before the first turn: an engine that serves people was not started a moment ago.
   */
  private static final int EARLIER_CONTAINERS = 200;

  private final Path home;
  private final BenchPlatform platform;
  private final List<PeerEngine> peers;
  private final Figures bridge = new Figures(Network.BRIDGE);
  private final Figures none = new Figures(Network.NONE);

  /** What was measured with one network: by our API, by our command, and by each peer. */
  private record Figures(
      Network network, Samples api, Samples command, SortedMap<String, Samples> peers) {
    Figures(Network network) {
      this(network, new Samples(), new Samples(), new TreeMap<>());
    }

    ObjectNode beside(Samples ours) {
      ObjectNode json = ApiClient.JSON.createObjectNode();
      json.set("ours", ours.json());
      ObjectNode peersJson = json.putObject("peers");
      ObjectNode ratios = json.putObject("ratios");
      peers.forEach(
          (name, samples) -> {
            peersJson.set(name, samples.json());
            ratios.put(name, ours.ratio(samples));
          });
      return json;
    }
  }

  private EngineBench(Path home, BenchPlatform platform, List<PeerEngine> peers) {
    this.home = home;
    this.platform = platform;
    this.peers = peers;
  }

  static Result run(Path home, BenchPlatform platform) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("wbe");
    var result = new Result("engine", "ms");
    try (PeerEngines engines = PeerEngines.open(directory, result)) {
      var bench = new EngineBench(home, platform, engines.all());
      for (int i = 0; i < EARLIER_CONTAINERS; i++) {
        bench.byApi(i % 2 == 0 ? Network.BRIDGE : Network.NONE);
      }
      for (int i = 0; i < WARM_UP + RUNS; i++) {
        bench.turn(bench.bridge, i >= WARM_UP);
        bench.turn(bench.none, i >= WARM_UP);
      }
      bench.report(result);
    }
    return result;
  }

  private void turn(Figures figures, boolean counts) throws IOException, InterruptedException {
    Network network = figures.network();
    double byApi = byApi(network);
    double byCommand = byCommand(network);
    if (counts) {
      figures.api().add(byApi);
      figures.command().add(byCommand);
    }
    for (PeerEngine peer : peers) {
      if (peer.networks().contains(network)) {
        double ms = peer.time(network);
        if (counts) {
          figures.peers().computeIfAbsent(peer.name(), key -> new Samples()).add(ms);
        }
      }
    }
  }

  /** As {@code run --rm} does it: makes it, waits for its end, removes it. */
  private double byApi(Network network) {
    ApiClient client = platform.client();
    ObjectNode body = ApiClient.JSON.createObjectNode();
    body.putObject("spec")
        .put("image", BenchPlatform.IMAGE)
        .put("network", name(network))
        .put("ephemeral", true);
    long start = System.nanoTime();
    String id = client.post("/v1/containers", body).path("id").asText();
    JsonNode end = client.get("/v1/containers/" + id + "/wait?until=ended");
    client.delete("/v1/containers/" + id + "?force=true");
    double ms = (System.nanoTime() - start) / 1e6;
    if (end.path("exitCode").asInt(-1) != 0) {
      throw new IllegalStateException("ended otherwise: " + end);
    }
    return ms;
  }

  private double byCommand(Network network) throws IOException, InterruptedException {
    List<String> run = new ArrayList<>(List.of("env", "WAYBILL_DATA=" + platform.data()));
    run.addAll(List.of(home.resolve("waybill").toString(), "run", "--rm"));
    run.addAll(List.of("--network", name(network), BenchPlatform.IMAGE));
    return Programs.time(run);
  }

  /** Our default network is a bridge. */
  private static String name(Network network) {
    return network == Network.BRIDGE ? "" : network.name().toLowerCase(Locale.ROOT);
  }

  /** The bridge and the command stand where results are compared; the rest is beside them. */
  private void report(Result result) {
    result.ours().addAll(bridge.command());
    bridge.peers().forEach((name, samples) -> result.peer(name).addAll(samples));
    result.extra().set("api", bridge.beside(bridge.api()));
    result.extra().set("withoutNetwork", none.beside(none.command()));
    result.extra().set("withoutNetworkApi", none.beside(none.api()));
  }
}
