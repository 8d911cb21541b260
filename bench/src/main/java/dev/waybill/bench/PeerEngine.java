package dev.waybill.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Another engine: how it is set up in a directory of its own, and how it runs the image.
 *
 * <p>All of them get one image: a static program as the entrypoint and nothing else.
 */
abstract class PeerEngine implements AutoCloseable {
  /** What a container is connected to. */
  enum Network {
    NONE,
    BRIDGE
  }

  final PeerNamespace namespace;
  final Path directory;

  PeerEngine(PeerNamespace namespace, Path directory) {
    this.namespace = namespace;
    this.directory = directory;
  }

  /** Its name in results. */
  abstract String name();

  /** Programs without which it can't be measured. */
  abstract List<String> programs();

  /** The networks that it can run with. */
  Set<Network> networks() {
    return Set.of(Network.NONE, Network.BRIDGE);
  }

  /**
   * Starts what it needs and gives it the image.
   *
   * @param image what it runs
   */
  abstract void open(BenchImage image) throws IOException, InterruptedException;

  /** The command that runs the image to its end and removes the container. */
  abstract List<String> run(Network network);

  /** The command that leaves a container running that does nothing. */
  abstract List<String> idle(String id);

  /** The command that ends and removes it. */
  abstract List<String> remove(String id);

  /** The program that stays with each container. */
  abstract String companion();

  /** The commands, one after the other, that get an image and run it to its end. */
  abstract List<List<String>> fetchAndRun(String reference);

  /** Milliseconds to run an image of which nothing is here. */
  final double timeFromNothing(String reference) throws IOException, InterruptedException {
    double ms = 0;
    for (List<String> command : fetchAndRun(reference)) {
      ms += namespace.time(command);
    }
    return ms;
  }

  final double time(Network network) throws IOException, InterruptedException {
    return namespace.time(run(network));
  }

  static List<String> command(List<String> first, String... rest) {
    var all = new ArrayList<>(first);
    all.addAll(List.of(rest));
    return all;
  }

  @Override
  public abstract void close() throws IOException, InterruptedException;
}
