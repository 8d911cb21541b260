package dev.waybill.demo;

import dev.waybill.cli.CliException;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** {@code ./waybill demo}: exits with 0 only if every step held. */
public final class Demo {
  private static final int USAGE = 2;

  private Demo() {}

  /** Takes the folder that the launcher is in. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      System.err.println("waybill: demo takes no arguments");
      System.exit(USAGE);
    }
    System.exit(run(Path.of(arguments[0])));
  }

  private static int run(Path home) throws IOException {
    var console = Console.open(System.getenv());
    Path data = Files.createTempDirectory("waybill-demo-");
    var platform = new Platform(home, data, console);
    long begun = System.nanoTime();
    try (var upstream = LoopbackRegistry.start()) {
      HostInventory inventory = new Tour(platform, console, upstream).run();
      console.step("Nothing is left behind");
      platform.run("down");
      nothingLeft(console, inventory);
      remove(data);
      console.closing(
          "Every step held. It took %d s.".formatted((System.nanoTime() - begun) / 1_000_000_000));
      return 0;
    } catch (StepFailedException | CliException e) {
      console.failed(console.currentStep() + ": " + e.getMessage());
      platform.attempt("down");
      console.closing(
          "The demo failed. Logs are in %s: platform.log, native-runner.log".formatted(data));
      return 1;
    }
  }

  private static void nothingLeft(Console console, HostInventory inventory) {
    List<String> left = inventory.now();
    if (!left.isEmpty()) {
      throw new StepFailedException("expected a clean host, left are: " + String.join(", ", left));
    }
    console.held(
        "no mount, network namespace, cgroup, nftables table or process, none of %d links; /run is clean"
            .formatted(inventory.links().size()));
  }

  private static void remove(Path data) throws IOException {
    try (Stream<Path> tree = Files.walk(data)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
