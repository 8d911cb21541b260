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
 * {@code memory}: proportional set size of the program that stays with each idle container, at
 * fifty of them: our monitor, podman's conmon and containerd's shim.
 */
final class MemoryBench {
  private static final int CONTAINERS = 50;

  private MemoryBench() {}

  static Result run(BenchPlatform platform) throws IOException, InterruptedException {
    var result = new Result("memory", "MB");
    ours(platform, result.ours());
    Path directory = Files.createTempDirectory("wbm");
    try (PeerEngines engines = PeerEngines.open(directory, new Result("peers", "MB"))) {
      for (PeerEngine engine : engines.all()) {
        // dockerd's containers stay with the same shim as ctr's.
        if (!(engine instanceof Docker)) {
          theirs(engine, result.peer(engine.companion()));
        }
      }
    }
    for (String peer : List.of("conmon", "containerd-shim")) {
      if (!result.has(peer)) {
        result.skip(peer, "its engine is not installed");
      }
    }
    return result;
  }

  private static void ours(BenchPlatform platform, Samples samples) throws IOException {
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
    }
    for (String id : ids) {
      long pid = platform.client().get("/v1/containers/" + id).path("pid").asLong();
      samples.add(pssKilobytes(parent(pid)) / 1024.0);
    }
    ids.forEach(id -> platform.client().delete("/v1/containers/" + id + "?force=true"));
  }

  private static void theirs(PeerEngine engine, Samples samples)
      throws IOException, InterruptedException {
    for (int i = 0; i < CONTAINERS; i++) {
      engine.namespace.time(engine.idle("idle" + i));
    }
    for (long pid : companions(engine)) {
      samples.add(pssKilobytes(pid) / 1024.0);
    }
    for (int i = 0; i < CONTAINERS; i++) {
      engine.namespace.time(engine.remove("idle" + i));
    }
  }

  /** By their names, and by our directory or namespace in their arguments: others may run too. */
  private static List<Long> companions(PeerEngine engine) {
    return ProcessHandle.allProcesses()
        .filter(process -> isCompanion(process, engine))
        .map(ProcessHandle::pid)
        .toList();
  }

  private static boolean isCompanion(ProcessHandle process, PeerEngine engine) {
    String line = process.info().commandLine().orElse("");
    String program = Path.of(process.info().command().orElse("none")).getFileName().toString();
    return program.startsWith(engine.companion())
        && (line.contains(engine.directory.toString()) || line.contains("-namespace bench"));
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
