package dev.waybill.allinone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The native-runner beside the platform: a process of its own, which containers outlive. */
final class RunnerProcess implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(20);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);
  private static final Duration BEFORE_ANOTHER = Duration.ofSeconds(1);

  private static final String PID_FILE = "service.pid";
  private static final String COMPILER_SOCKET = "compiler.sock";
  private static final String JVM_OPTION = "waybill.native-runner.jvm-option";
  private static final String MAIN_CLASS = "dev.waybill.nativerunner.service.Main";

  private final Path home;
  private final Path root;
  private final Path socket;
  private final Path logFile;
  private final Thread keeper;
  private volatile @Nullable Process process;
  private volatile boolean stopping;

  private RunnerProcess(Path home, Path root, Path logFile) {
    this.home = home;
    this.root = root;
    this.socket = root.resolve("runner.sock");
    this.logFile = logFile;
    this.keeper = new Thread(this::keep, "native-runner-keeper");
  }

  /**
   * Starts it, and starts it again when it ends.
   *
   * @param home the built native-runner: {@code bin/} and {@code target/}
   * @param root its state directory
   * @param logFile what it prints
   */
  static RunnerProcess start(Path home, Path root, Path logFile) {
    endLeftover(root.resolve(PID_FILE));
    var runner = new RunnerProcess(home, root, logFile);
    runner.keeper.start();
    return runner;
  }

  /**
   * One that outlived a killed platform would hold the socket and know nothing of its successor.
   */
  private static void endLeftover(Path pidFile) {
    if (!Files.exists(pidFile)) {
      return;
    }
    try {
      long pid = Long.parseLong(Files.readString(pidFile).strip());
      ProcessHandle.of(pid)
          .filter(process -> process.info().commandLine().orElse("").contains(MAIN_CLASS))
          .ifPresent(
              process -> {
                process.destroy();
                process.onExit().join();
              });
      Files.delete(pidFile);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot end the native-runner of " + pidFile, e);
    }
  }

  private void keep() {
    while (!stopping) {
      try {
        Process started = launch();
        process = started;
        Files.writeString(root.resolve(PID_FILE), Long.toString(started.pid()));
        started.waitFor();
        if (!stopping) {
          LockSupport.parkNanos(BEFORE_ANOTHER.toNanos());
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot start native-runner", e);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private Process launch() throws IOException {
    Files.createDirectories(root);
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath = home.resolve("target/lib") + "/*:" + home.resolve("target") + "/*";
    List<String> command = new ArrayList<>(List.of(java));
    // The launcher's: which cache of ahead-of-time work to use, or to make.
    Stream.of(System.getProperty(JVM_OPTION, "").split(" "))
        .filter(option -> !option.isEmpty())
        .forEach(command::add);
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx96m",
            "-Xlog:aot*=off",
            "-Xlog:cds*=off",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            classPath,
            MAIN_CLASS,
            "--root",
            root.toString(),
            "--socket",
            socket.toString(),
            "--executor",
            home.resolve("bin/waybill-runner").toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()))
        .start();
  }

  Path socket() {
    return socket;
  }

  /** Waits until its socket is there. */
  void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    while (!Files.exists(socket)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("native-runner isn't ready, see " + logFile);
      }
      // Another process makes it: there is nothing of ours to wait on.
      Thread.sleep(5);
    }
  }

  @Override
  public void close() {
    stopping = true;
    keeper.interrupt();
    Process running = process;
    if (running == null) {
      return;
    }
    running.destroy();
    try {
      if (!running.waitFor(ENDS_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        running.destroyForcibly();
      }
      Files.deleteIfExists(root.resolve(PID_FILE));
      Files.deleteIfExists(socket);
      Files.deleteIfExists(root.resolve(COMPILER_SOCKET));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove what native-runner left in " + root, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      running.destroyForcibly();
    }
  }
}
