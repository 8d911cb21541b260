package dev.waybill.nativerunner.service;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts the service: {@code --root DIR} (state, default /run/waybill-runner), {@code --socket
 * PATH} (default ROOT/runner.sock), {@code --uid N} (a user besides root that may use it), {@code
 * --executor PATH} (default: the waybill-runner beside the jars). Says {@code ready SOCKET} on
 * stdout once it serves, and ends on SIGTERM, leaving its containers running.
 */
public final class Main {
  private static final int USAGE = 2;

  private Main() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    RunnerServer.Options options;
    try {
      options = options(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println("waybill-runner service: " + e.getMessage());
      System.exit(USAGE);
      return;
    }
    try (RunnerServer server = RunnerServer.start(options)) {
      Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
      System.out.println("ready " + options.socket());
      server.awaitTermination();
    }
  }

  private static RunnerServer.Options options(List<String> arguments) {
    Path root = Path.of("/run/waybill-runner");
    List<Path> socket = new ArrayList<>();
    List<Path> binary = new ArrayList<>();
    int uid = -1;
    for (int i = 0; i < arguments.size(); i += 2) {
      String flag = arguments.get(i);
      if (i + 1 == arguments.size()) {
        throw new IllegalArgumentException(flag + " needs a value");
      }
      String value = arguments.get(i + 1);
      switch (flag) {
        case "--root" -> root = Path.of(value).toAbsolutePath();
        case "--socket" -> socket.add(Path.of(value).toAbsolutePath());
        case "--executor" -> binary.add(Path.of(value).toAbsolutePath());
        case "--uid" -> uid = Integer.parseInt(value);
        default ->
            throw new IllegalArgumentException(
                "unknown flag " + flag + "; known are --root, --socket, --uid, --executor");
      }
    }
    return new RunnerServer.Options(
        root,
        socket.isEmpty() ? root.resolve("runner.sock") : socket.getLast(),
        uid,
        binary.isEmpty() ? besideJar() : binary.getLast());
  }

  /**
   * The build puts the jar into target/ and the program into bin/; an installation has lib/ and
   * bin/.
   */
  private static Path besideJar() {
    try {
      Path jar = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path at = jar.getParent(); at != null; at = at.getParent()) {
        Path binary = at.resolve("bin").resolve("waybill-runner");
        if (Files.isExecutable(binary)) {
          return binary;
        }
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("the jar is at no file; say --executor PATH", e);
    }
    throw new IllegalArgumentException("no bin/waybill-runner beside the jar; say --executor PATH");
  }
}
