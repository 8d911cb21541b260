package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** podman with crun: no daemon, one conmon for each container. */
final class Podman extends PeerEngine {
  private static final String IMAGE = "localhost/" + BenchPlatform.IMAGE;

  private final List<String> podman;

  Podman(PeerNamespace namespace, Path directory) {
    super(namespace, directory);
    podman =
        List.of(
            "podman",
            "--root",
            directory.resolve("root").toString(),
            "--runroot",
            directory.resolve("run").toString(),
            "--tmpdir",
            directory.resolve("tmp").toString(),
            "--network-config-dir",
            directory.resolve("networks").toString(),
            "--cgroup-manager",
            "cgroupfs",
            "--runtime",
            "crun",
            "--events-backend",
            "none",
            "--storage-driver",
            "overlay");
  }

  @Override
  String name() {
    return "podman";
  }

  @Override
  List<String> programs() {
    return List.of("podman", "conmon", "crun", "iptables");
  }

  @Override
  void open(BenchImage image) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    namespace.time(
        command(
            podman, "import", "-c", "ENTRYPOINT [\"/tool\"]", image.rootfs().toString(), IMAGE));
  }

  private List<String> start(String network, String... options) {
    return start(IMAGE, network, options);
  }

  private List<String> start(String image, String network, String[] options) {
    // Without these it asks for more than a root without CAP_SYS_RESOURCE has.
    List<String> run =
        command(podman, "run", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024");
    return command(command(run, options), "--network", network, image);
  }

  @Override
  List<String> run(Network network) {
    return start(network.name().toLowerCase(Locale.ROOT), "--rm");
  }

  @Override
  List<List<String>> fetchAndRun(String reference) {
    return List.of(start(reference, "none", new String[] {"--rm", "--tls-verify=false"}));
  }

  @Override
  List<String> idle(String id) {
    return command(start("none", "-d", "--name", id), "wait");
  }

  @Override
  List<String> remove(String id) {
    return command(podman, "rm", "-f", "-t", "0", id);
  }

  @Override
  String companion() {
    return "conmon";
  }

  @Override
  public void close() throws IOException, InterruptedException {
    namespace.delete(directory);
  }
}
