package dev.waybill.nativerunner.launch;

import dev.waybill.nativerunner.plan.LaunchPlan;
import dev.waybill.nativerunner.sys.Fd;
import dev.waybill.nativerunner.sys.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Spawns executors. All of them run from one sealed copy in memory, so they share its pages. */
public final class Executor implements AutoCloseable {
  private final Kernel kernel;
  private final Fd program;

  private Executor(Kernel kernel, Fd program) {
    this.kernel = kernel;
    this.program = program;
  }

  /** Loads the executor's binary. */
  public static Executor load(Kernel kernel, Path binary) throws IOException {
    return new Executor(kernel, kernel.sealedMemory("waybill-runner", Files.readAllBytes(binary)));
  }

  /**
   * A process that was launched.
   *
   * @param monitorPid the executor, which stays as monitor; the caller reaps it
   * @param alive reading end of a pipe that ends when the monitor has recorded the exit, or has
   *     died; the caller closes it
   */
  public record Launched(
      int pid,
      long pidStart,
      int monitorPid,
      long spawnNs,
      long hostNs,
      long parentNs,
      long containerNs,
      Fd alive) {}

  /**
   * Executes a plan up to the point where it waits to be started, or to its end if it does not
   * wait.
   *
   * @throws LaunchFailedException if an operation failed; nothing is left then
   */
  public Launched launch(LaunchPlan plan) throws IOException, LaunchFailedException {
    try (Fd memory = kernel.sealedMemory("launch-plan", plan.encode());
        Kernel.Pipe pipe = kernel.pipe()) {
      long spawnedNs = System.nanoTime();
      int monitor =
          kernel.spawn(
              program, List.of("waybill-runner", ":execute"), List.of(memory, pipe.write()));
      pipe.write().close();
      Report report;
      try {
        report = Report.parse(kernel.read(pipe.read(), Report.BYTES));
      } catch (IOException e) {
        kernel.reap(monitor);
        throw e;
      }
      if (report.kind() != Report.Kind.READY) {
        kernel.awaitExit(monitor);
        throw Failure.of(plan, report);
      }
      return new Launched(
          report.pid(),
          report.pidStart(),
          monitor,
          report.begunNs() - spawnedNs,
          report.hostNs(),
          report.parentNs(),
          report.containerNs(),
          kernel.duplicate(pipe.read()));
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
