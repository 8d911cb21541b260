package dev.waybill.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.api.Target;
import dev.waybill.testkit.image.ImagePush;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** An embedded platform of its own for one benchmark, with a small image in its registry. */
final class BenchPlatform implements AutoCloseable {
  static final String IMAGE = "bench:1";

  private final Path home;
  private final Path data;
  private final ApiClient client;

  private BenchPlatform(Path home, Path data, ApiClient client) {
    this.home = home;
    this.data = data;
    this.client = client;
  }

  static BenchPlatform start(Path home) throws IOException, InterruptedException {
    return at(home, Files.createTempDirectory("waybill-bench"));
  }

  /** The same with its data below {@code parent}. */
  static BenchPlatform start(Path home, Path parent) throws IOException, InterruptedException {
    return at(home, Files.createTempDirectory(parent, "waybill-bench"));
  }

  private static BenchPlatform at(Path home, Path data) throws IOException, InterruptedException {
    up(home, data);
    var platform = new BenchPlatform(home, data, new ApiClient(Target.find(Optional.of(data))));
    platform.push();
    return platform;
  }

  /** Milliseconds from the command to ready. */
  static double up(Path home, Path data) throws IOException, InterruptedException {
    return Programs.time(
        List.of(
            home.resolve("waybill").toString(),
            "up",
            "-d",
            "--port",
            "0",
            "--data",
            data.toString()));
  }

  private void push() throws IOException {
    try (ImagePush registry =
        ImagePush.to(client.target().api(), "admin", client.target().token())) {
      registry.push(BenchImage.make(), "bench", "1");
    }
  }

  ApiClient client() {
    return client;
  }

  Path data() {
    return data;
  }

  void down() throws IOException, InterruptedException {
    Programs.time(List.of(home.resolve("waybill").toString(), "down", "--data", data.toString()));
  }

  JsonNode containers() {
    return client.get("/v1/containers");
  }

  @Override
  public void close() throws IOException {
    try {
      down();
      delete(data);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
