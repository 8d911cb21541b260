package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** containerd and its ctr command, which knows no bridge. */
final class Containerd extends PeerEngine {
  private static final String IMAGE = "bench.local/" + BenchPlatform.IMAGE;

  private final List<String> ctr;
  private final AtomicInteger runs = new AtomicInteger();
  private Optional<Daemon> daemon = Optional.empty();

  Containerd(PeerNamespace namespace, Path directory) {
    super(namespace, directory);
    ctr = List.of("ctr", "-a", directory.resolve("containerd.sock").toString(), "-n", "bench");
  }

  @Override
  String name() {
    return "ctr";
  }

  @Override
  List<String> programs() {
    return List.of("containerd", "ctr", "skopeo");
  }

  @Override
  Set<Network> networks() {
    return Set.of(Network.NONE);
  }

  @Override
  void open(BenchImage image) throws IOException, InterruptedException {
    Path configuration = Files.createDirectories(directory).resolve("config.toml");
    Files.writeString(
        configuration,
        """
        version = 2
        root = "%1$s/root"
        state = "%1$s/state"
        disabled_plugins = ["io.containerd.grpc.v1.cri"]
        [grpc]
          address = "%1$s/containerd.sock"
        [ttrpc]
          address = "%1$s/ttrpc.sock"
        """
            .formatted(directory));
    daemon =
        Optional.of(
            Daemon.start(
                namespace,
                List.of("containerd", "--config", configuration.toString()),
                directory.resolve("containerd.log"),
                "containerd successfully booted"));
    Path archive = directory.resolve("image.tar");
    Programs.time(
        List.of(
            "skopeo",
            "--insecure-policy",
            "copy",
            "oci:" + image.layout() + ":1",
            "docker-archive:" + archive + ":" + IMAGE));
    namespace.time(command(ctr, "image", "import", archive.toString()));
  }

  @Override
  List<String> run(Network network) {
    return command(ctr, "run", "--rm", IMAGE, "run" + runs.incrementAndGet());
  }

  @Override
  List<List<String>> fetchAndRun(String reference) {
    return List.of(
        command(ctr, "image", "pull", "--plain-http", reference),
        command(ctr, "run", "--rm", reference, "run" + runs.incrementAndGet()));
  }

  @Override
  List<String> idle(String id) {
    return command(ctr, "run", "-d", IMAGE, id, "/tool", "wait");
  }

  @Override
  List<String> remove(String id) {
    return command(ctr, "task", "delete", "-f", id);
  }

  @Override
  String companion() {
    return "containerd-shim";
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (daemon.isPresent()) {
      daemon.get().close();
    }
    namespace.delete(directory);
  }
}
