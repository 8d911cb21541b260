package dev.waybill.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.api.ApiClient;
import java.io.IOException;
import java.io.InputStream;

/** {@code start}: from POST to the container's first byte, and to its start on the log. */
final class StartBench {
  private static final int RUNS = 200;
  private static final int WARM_UP = 30;

  private StartBench() {}

  static Result run(BenchPlatform platform) throws IOException {
    var result = new Result("start", "ms");
    var firstByte = new Samples();
    var withoutNetwork = new Samples();
    var hops = new Hops();
    for (int i = 0; i < WARM_UP + RUNS; i++) {
      boolean counts = i >= WARM_UP;
      double started = started(platform.client(), "", counts ? hops : new Hops());
      double byteSeen = firstByte(platform.client());
      double bare = started(platform.client(), "none", new Hops());
      if (counts) {
        result.ours().add(started);
        firstByte.add(byteSeen);
        withoutNetwork.add(bare);
      }
    }
    result.extra().set("firstByteOfOutput", firstByte.json());
    result.extra().set("startedWithoutNetwork", withoutNetwork.json());
    result.extra().set("hops", hops.breakdown(platform.client()));
    return result;
  }

  private static double started(ApiClient client, String network, Hops hops) {
    long start = System.nanoTime();
    String id = client.post("/v1/containers", body("exit", network, true)).path("id").asText();
    client.get("/v1/containers/" + id + "/wait?until=started");
    double ms = (System.nanoTime() - start) / 1e6;
    client.get("/v1/containers/" + id + "/wait?until=removed");
    hops.add(id);
    return ms;
  }

  private static double firstByte(ApiClient client) throws IOException {
    long start = System.nanoTime();
    String id = client.post("/v1/containers", body("say", "", false)).path("id").asText();
    try (InputStream logs = client.stream("/v1/containers/" + id + "/logs?follow=true")) {
      if (logs.read() < 0) {
        throw new IllegalStateException("container " + id + " said nothing");
      }
    }
    double ms = (System.nanoTime() - start) / 1e6;
    client.get("/v1/containers/" + id + "/wait?until=ended");
    client.delete("/v1/containers/" + id);
    return ms;
  }

  private static ObjectNode body(String command, String network, boolean autoRemove) {
    ObjectNode body = ApiClient.JSON.createObjectNode();
    ObjectNode spec = body.putObject("spec");
    spec.put("image", BenchPlatform.IMAGE).put("network", network).put("autoRemove", autoRemove);
    spec.putArray("command").add(command);
    return body;
  }
}
