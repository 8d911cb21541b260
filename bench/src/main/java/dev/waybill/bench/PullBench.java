package dev.waybill.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.MadeImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * {@code pull}: from the wish for a container, on a host that has nothing of its image, to the end
 * of its program, which does nothing: by us and by other engines in turn, from one registry. Each
 * turn has an image of its own, so nothing is removed in between, and what waits to be written to
 * disk is written before the clock starts. The very first pull by us is told beside the rest, as
 * {@code oursFirst}.
 */
final class PullBench {
  private static final int RUNS = 5;
  private static final int WARM_UP = 1;

  /** Pulls by us alone beforehand, until the virtual machine has compiled what a pull needs. */
  private static final int WARM_PULLS = 8;

  private final BenchPlatform platform;
  private final PeerEngines engines;
  private final DebianRegistry registry;
  private final UsedPages pages;

  private PullBench(
      BenchPlatform platform, PeerEngines engines, DebianRegistry registry, UsedPages pages) {
    this.platform = platform;
    this.engines = engines;
    this.registry = registry;
    this.pages = pages;
  }

  static Result run(Path home) throws IOException, InterruptedException {
    if (Programs.find(DebianRegistry.PROGRAM).isEmpty()) {
      throw new IllegalStateException("install docker-registry: engines pull from it");
    }
    var result = new Result("pull", "ms");
    try (BenchDisk disk = BenchDisk.open();
        BenchPlatform platform = BenchPlatform.start(home, disk.root());
        PeerEngines engines =
            PeerEngines.open(Files.createDirectory(disk.root().resolve("peers")), result);
        DebianRegistry registry =
            DebianRegistry.start(disk.root().resolve("registry"), engines.namespace())) {
      var bench = new PullBench(platform, engines, registry, UsedPages.make());
      bench.measure(LargeImage.SIX_LAYERS, result);
      var smallFiles = new Result("smallFiles", "ms");
      bench.measure(LargeImage.SMALL_FILES, smallFiles);
      result.extra().set("smallFiles", smallFiles.json());
    }
    return result;
  }

  private void measure(LargeImage image, Result result) throws IOException, InterruptedException {
    for (int i = 0; i < WARM_PULLS; i++) {
      String reference = push(image, WARM_UP + RUNS + i, result);
      Programs.time(List.of("sync"));
      double ms = ours(reference);
      if (i == 0) {
        result.extra().put("oursFirst", Samples.rounded(ms));
      }
    }
    for (int i = 0; i < WARM_UP + RUNS; i++) {
      String reference = push(image, i, result);
      for (Engine engine : inTurn(i, result)) {
        Programs.time(List.of("sync"));
        double ms = engine.pull().msFor(reference);
        if (i >= WARM_UP) {
          engine.samples().add(ms);
        }
      }
    }
  }

  private interface Pull {
    double msFor(String reference) throws IOException, InterruptedException;
  }

  private record Engine(Pull pull, Samples samples) {}

  /** All, another one first in each round. */
  private List<Engine> inTurn(int round, Result result) {
    List<Engine> all = new ArrayList<>();
    all.add(new Engine(this::ours, result.ours()));
    for (PeerEngine peer : engines.all()) {
      all.add(new Engine(peer::timeFromNothing, result.peer(peer.name())));
    }
    Collections.rotate(all, -round);
    return all;
  }

  private String push(LargeImage image, int variant, Result result)
      throws IOException, InterruptedException {
    pages.recycle();
    MadeImage made = image.make(variant);
    String repository = "bench/" + image.name().toLowerCase(Locale.ROOT);
    try (ImagePush push = ImagePush.to(registry.address())) {
      push.push(made, repository, "v" + variant);
    }
    long packed = made.blobs().values().stream().mapToLong(blob -> blob.length).sum();
    result.extra().put("packedBytes", packed);
    return registry.host() + "/" + repository + ":v" + variant;
  }

  private double ours(String reference) {
    ApiClient client = platform.client();
    ObjectNode body = ApiClient.JSON.createObjectNode();
    body.putObject("spec").put("image", reference).put("network", "none").put("ephemeral", true);
    long start = System.nanoTime();
    String id = client.post("/v1/containers", body).path("id").asText();
    JsonNode end = client.get("/v1/containers/" + id + "/wait?until=ended");
    double ms = (System.nanoTime() - start) / 1e6;
    if (end.path("exitCode").asInt(-1) != 0) {
      throw new IllegalStateException("ended otherwise: " + end);
    }
    client.delete("/v1/containers/" + id + "?force=true");
    return ms;
  }
}
