package dev.waybill.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.bench.PlatformHeap.Growth;
import dev.waybill.cli.api.ApiClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code large}: by how much the platform's heap grows while a layer of two gibibytes goes each way
 * that there is. Commands run in the platform, so what they hold counts; then those that carry
 * content run once more in a process of their own, whose whole heap is as small as the growth may
 * be.
 */
final class LargeLayerBench {
  private static final long LAYER_BYTES = 2L << 30;
  private static final int COMMAND_HEAP_MB = 64;
  private static final String IMAGE = "large/tool:1";
  private static final int WAIT_MS = 600_000;

  private final Path home;
  private final Path root;
  private final DebianRegistry debian;
  private final LargeLayer layer;
  private final Result result = new Result("large", "MB");

  private LargeLayerBench(Path home, Path root, DebianRegistry debian) throws IOException {
    this.home = home;
    this.root = root;
    this.debian = debian;
    this.layer = LargeLayer.make(root.resolve("layout"), LAYER_BYTES, LargeLayer.Packing.GZIP, 1);
  }

  static Result run(Path home) throws IOException, InterruptedException {
    for (String program : List.of(DebianRegistry.PROGRAM, "skopeo")) {
      if (Programs.find(program).isEmpty()) {
        throw new IllegalStateException("install " + program + ": layers come and go by it");
      }
    }
    try (BenchDisk disk = BenchDisk.open();
        DebianRegistry debian = DebianRegistry.start(disk.root().resolve("registry"))) {
      var bench = new LargeLayerBench(home, disk.root(), debian);
      bench.result.extra().put("unpackedBytes", LAYER_BYTES);
      bench.result.extra().put("packedBytes", bench.layer.packed());
      bench.outOfOurRegistry();
      bench.fromAnother();
      bench.fromAnArchive();
      bench.inPieces();
      return bench.result;
    }
  }

  /** Where a command runs. */
  private enum Command {
    IN_PLATFORM,
    BY_ITSELF;

    /** Of what a path is called, and of what no two runs may have in common. */
    String suffix() {
      return this == IN_PLATFORM ? "" : "ByItself";
    }
  }

  /** A platform that has nothing of the layer yet. */
  private final class Fresh implements AutoCloseable {
    private final BenchPlatform platform;
    private final PlatformHeap heap;

    Fresh() throws IOException, InterruptedException {
      platform = BenchPlatform.start(home, root);
      try {
        heap = PlatformHeap.of(platform.client().target().endpoints().path("pid").asLong());
      } catch (IOException e) {
        platform.close();
        throw e;
      }
    }

    void measure(String path, PlatformHeap.Work work) throws IOException, InterruptedException {
      Growth growth = heap.during(work);
      System.out.printf(
          "%-16s %6.1f MB at most, %6.1f MB kept, %6.1f s%n",
          path, growth.peakMb(), growth.keptMb(), growth.seconds());
      result.ours().add(growth.peakMb());
      ObjectNode json = result.extra().putObject(path);
      json.put("peakMb", Samples.rounded(growth.peakMb()));
      json.put("keptMb", Samples.rounded(growth.keptMb()));
      json.put("residentMb", Samples.rounded(growth.residentMb()));
      json.put("seconds", Samples.rounded(growth.seconds()));
    }

    /** Commands by the launcher, as people type them. */
    void waybill(Command where, String... arguments) throws IOException {
      List<String> command = new ArrayList<>(List.of(home.resolve("waybill").toString()));
      command.addAll(List.of(arguments));
      Map<String, String> data = Map.of("WAYBILL_DATA", platform.data().toString());
      Map<String, String> own =
          Map.of(
              "WAYBILL_DATA",
              platform.data().toString(),
              "WAYBILL_RELAY",
              "none",
              "JAVA_TOOL_OPTIONS",
              "-Xmx" + COMMAND_HEAP_MB + "m");
      Programs.time(command, where == Command.IN_PLATFORM ? data : own);
    }

    /** A command whose input is a shell's business. */
    void shell(String line) throws IOException {
      Programs.time(
          List.of("sh", "-c", home.resolve("waybill") + " " + line),
          Map.of("WAYBILL_DATA", platform.data().toString()));
    }

    /** A container's whole life, up to its program's end. */
    String ended(String image, String... arguments) {
      ApiClient client = platform.client();
      ObjectNode body = ApiClient.JSON.createObjectNode();
      ObjectNode spec = body.putObject("spec").put("image", image).put("network", "none");
      List.of(arguments).forEach(spec.withArray("/command")::add);
      String id = client.post("/v1/containers", body).path("id").asText();
      JsonNode end = client.get("/v1/containers/" + id + "/wait?until=ended&timeoutMs=" + WAIT_MS);
      if (end.path("exitCode").asInt(-1) != 0) {
        throw new IllegalStateException("ended otherwise: " + end);
      }
      return id;
    }

    /** What the newest pull found here: in pieces it is nearly all. */
    long reusedBytes() throws IOException {
      try (InputStream events = platform.client().stream("/v1/events?type=ImagePulled")) {
        String newest =
            new String(events.readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("data: "))
                .reduce((_, later) -> later)
                .orElseThrow();
        return ApiClient.JSON
            .readTree(newest.substring("data: ".length()))
            .path("data")
            .path("reusedBytes")
            .asLong();
      }
    }

    @Override
    public void close() throws IOException {
      heap.close();
      platform.close();
    }
  }

  /** Pushed, and from there to a client, to a node, to an archive and to another registry. */
  private void outOfOurRegistry() throws IOException, InterruptedException {
    try (var fresh = new Fresh()) {
      var target = fresh.platform.client().target();
      String credentials = "admin:" + target.token();
      String ours = "docker://" + target.api().getRawAuthority() + "/" + IMAGE;
      fresh.measure(
          "push",
          () ->
              skopeo(
                  List.of("--dest-tls-verify=false", "--dest-creds", credentials),
                  "oci:" + layer.layout() + ":1",
                  ours));
      Path back = root.resolve("back");
      fresh.measure(
          "clientPull",
          () ->
              skopeo(
                  List.of("--src-tls-verify=false", "--src-creds", credentials),
                  ours,
                  "oci:" + back + ":1"));
      BenchPlatform.delete(back);
      fresh.measure("run", () -> fresh.ended(IMAGE));
      for (Command where : Command.values()) {
        fresh.measure(
            "save" + where.suffix(),
            () -> fresh.waybill(where, "image", "save", "-o", archive().toString(), IMAGE));
        String there = debian.host() + "/copy" + where.ordinal() + "/" + IMAGE;
        fresh.measure(
            "copy" + where.suffix(), () -> fresh.waybill(where, "image", "push", IMAGE, there));
      }
      fresh.measure(
          "saveToOutput", () -> fresh.waybill(Command.IN_PLATFORM, "image", "save", IMAGE));
    }
  }

  private Path archive() {
    return root.resolve("saved.tar");
  }

  private static void skopeo(List<String> options, String from, String to) throws IOException {
    List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy", "copy", "-q"));
    command.addAll(options);
    command.addAll(List.of(from, to));
    Programs.time(command);
  }

  /** Mirrored and unpacked in one go; then what a container wrote, and what a build copies. */
  private void fromAnother() throws IOException, InterruptedException {
    String reference = debian.host() + "/copy0/" + IMAGE;
    try (var fresh = new Fresh()) {
      fresh.measure("mirror", () -> fresh.ended(reference));
      for (Command where : Command.values()) {
        String seed = Integer.toString(where.ordinal());
        String id = fresh.ended(reference, "fill", Long.toString(LAYER_BYTES >> 20), seed);
        fresh.measure(
            "commit" + where.suffix(),
            () -> fresh.waybill(where, "commit", id, "large/committed:" + seed));
        fresh.platform.client().delete("/v1/containers/" + id + "?force=true");
        Path context = context(where.ordinal());
        fresh.measure(
            "build" + where.suffix(),
            () -> fresh.waybill(where, "build", "-t", "large/built:" + seed, context.toString()));
        BenchPlatform.delete(context);
      }
    }
  }

  private Path context(int seed) throws IOException {
    Path context = Files.createDirectory(root.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY large /\n");
    try (var content = new LargeContent(2 + seed, LAYER_BYTES).open();
        OutputStream file = Files.newOutputStream(context.resolve("large"))) {
      content.transferTo(file);
    }
    return context;
  }

  /** A second version of a layer that has a table of contents: the most of it is here already. */
  private void inPieces() throws IOException, InterruptedException {
    String repository = debian.host() + "/pieces/tool:";
    for (int version = 1; version <= 2; version++) {
      Path layout = root.resolve("pieces");
      LargeLayer.make(layout, LAYER_BYTES, LargeLayer.Packing.NONE, version);
      skopeo(
          List.of("--dest-tls-verify=false", "--dest-compress-format", "zstd:chunked"),
          "oci:" + layout + ":1",
          "docker://" + repository + version);
      BenchPlatform.delete(layout);
    }
    try (var fresh = new Fresh()) {
      fresh.measure("mirrorZstd", () -> fresh.ended(repository + 1));
      fresh.measure("mirrorInPieces", () -> fresh.ended(repository + 2));
      result.extra().put("reusedBytes", fresh.reusedBytes());
    }
  }

  private void fromAnArchive() throws IOException, InterruptedException {
    String archive = archive().toString();
    for (Command where : Command.values()) {
      try (var fresh = new Fresh()) {
        fresh.measure(
            "load" + where.suffix(), () -> fresh.waybill(where, "image", "load", "-i", archive));
      }
    }
    try (var fresh = new Fresh()) {
      fresh.measure("loadFromInput", () -> fresh.shell("image load <" + archive));
    }
  }
}
