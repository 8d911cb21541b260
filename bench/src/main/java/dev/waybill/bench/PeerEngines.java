package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The engines that this machine has, set up in one namespace. */
final class PeerEngines implements AutoCloseable {
  private final PeerNamespace namespace;
  private final Path directory;
  private final List<PeerEngine> all = new ArrayList<>();

  private PeerEngines(PeerNamespace namespace, Path directory) {
    this.namespace = namespace;
    this.directory = directory;
  }

  /** Opens all; what lacks a program is skipped in the result. */
  static PeerEngines open(Path directory, Result result) throws IOException, InterruptedException {
    var engines = new PeerEngines(PeerNamespace.open(), directory);
    BenchImage image = BenchImage.write(directory);
    for (PeerEngine engine :
        List.of(
            new Docker(engines.namespace, directory.resolve("docker")),
            new Podman(engines.namespace, directory.resolve("podman")),
            new Containerd(engines.namespace, directory.resolve("containerd")))) {
      List<String> lacking =
          engine.programs().stream().filter(name -> Programs.find(name).isEmpty()).toList();
      if (lacking.isEmpty()) {
        engines.all.add(engine);
        engine.open(image);
      } else {
        result.skip(engine.name(), "not installed: " + String.join(", ", lacking));
      }
    }
    return engines;
  }

  PeerNamespace namespace() {
    return namespace;
  }

  List<PeerEngine> all() {
    return all;
  }

  @Override
  public void close() throws IOException {
    try {
      for (PeerEngine engine : all) {
        engine.close();
      }
      namespace.delete(directory);
      namespace.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted before the peers were ended", e);
    }
  }
}
