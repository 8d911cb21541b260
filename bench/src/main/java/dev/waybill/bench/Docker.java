package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** dockerd with its own containerd, and the docker command. */
final class Docker extends PeerEngine {
  private final List<String> docker;
  private Optional<Daemon> daemon = Optional.empty();

  Docker(PeerNamespace namespace, Path directory) {
    super(namespace, directory);
    docker = List.of("docker", "-H", "unix://" + directory.resolve("docker.sock"));
  }

  @Override
  String name() {
    return "docker";
  }

  @Override
  List<String> programs() {
    return List.of("dockerd", "docker", "iptables");
  }

  @Override
  void open(BenchImage image) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    daemon =
        Optional.of(
            Daemon.start(
                namespace,
                List.of(
                    "dockerd",
                    "--data-root",
                    directory.resolve("data").toString(),
                    "--exec-root",
                    directory.resolve("exec").toString(),
                    "--pidfile",
                    directory.resolve("docker.pid").toString(),
                    "-H",
                    "unix://" + directory.resolve("docker.sock")),
                directory.resolve("dockerd.log"),
                "API listen on"));
    namespace.time(
        command(
            docker,
            "import",
            "-c",
            "ENTRYPOINT [\"/tool\"]",
            image.rootfs().toString(),
            BenchPlatform.IMAGE));
  }

  @Override
  List<String> run(Network network) {
    String name = network.name().toLowerCase(Locale.ROOT);
    return command(docker, "run", "--rm", "--network", name, BenchPlatform.IMAGE);
  }

  @Override
  List<List<String>> fetchAndRun(String reference) {
    return List.of(command(docker, "run", "--rm", "--network", "none", reference));
  }

  @Override
  List<String> idle(String id) {
    return command(
        docker, "run", "-d", "--name", id, "--network", "none", BenchPlatform.IMAGE, "wait");
  }

  @Override
  List<String> remove(String id) {
    return command(docker, "rm", "-f", id);
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
