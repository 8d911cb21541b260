package dev.waybill.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.api.ApiClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code memory}: proportional set size of the monitor of each idle container, at fifty of them.
 */
final class MemoryBench {
  private static final int CONTAINERS = 50;

  private MemoryBench() {}

  static Result run(BenchPlatform platform) throws IOException {
    var result = new Result("memory", "MB");
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < CONTAINERS; i++) {
      ids.add(platform.client().post("/v1/containers", body()).path("id").asText());
    }
    for (String id : ids) {
      JsonNode container =
          platform.client().get("/v1/containers/" + id + "/wait?until=running&timeoutMs=60000");
      if (!container.path("status").asText().equals("running")) {
        throw new IllegalStateException("not running: " + container);
      }
      long monitor = parent(container.path("pid").asLong());
      result.ours().add(pssKilobytes(monitor) / 1024.0);
    }
    ids.forEach(id -> platform.client().delete("/v1/containers/" + id + "?force=true"));
    result.skip("conmon", "not part of this run: its figure is its own podman's");
    return result;
  }

  private static ObjectNode body() {
    ObjectNode body = ApiClient.JSON.createObjectNode();
    ObjectNode spec = body.putObject("spec");
    spec.put("image", BenchPlatform.IMAGE).put("network", "none").put("autoRemove", true);
    spec.putArray("command").add("wait");
    return body;
  }

  private static long parent(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    // The second field is the name in parentheses, which may hold blanks.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 3);
    return Long.parseLong(fields[1]);
  }

  private static long pssKilobytes(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
        if (line.startsWith("Pss:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
      throw new IllegalStateException("no Pss of " + pid);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the memory of " + pid, e);
    }
  }
}
