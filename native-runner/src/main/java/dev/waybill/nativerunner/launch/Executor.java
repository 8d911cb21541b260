package dev.waybill.nativerunner.launch;

import dev.waybill.nativerunner.launch.WaitingExecutors.Waiting;
import dev.waybill.nativerunner.plan.LaunchPlan;
import dev.waybill.nativerunner.plan.Phase;
import dev.waybill.nativerunner.sys.Fd;
import dev.waybill.nativerunner.sys.Kernel;
import dev.waybill.nativerunner.sys.ReadyNetworks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.logging.Logger;

/** Spawns executors. All of them run from one sealed copy in memory, so they share its pages. */
public final class Executor implements AutoCloseable {
  /** Name of the file that keeps a plan for the hooks of its last phase. */
  public static final String PLAN = "plan";

  private static final Logger LOG = Logger.getLogger(Executor.class.getName());

  private final Kernel kernel;
  private final Fd program;
  private final ReadyNetworks networks;
  private final WaitingExecutors waiting;

  private Executor(Kernel kernel, Fd program, ReadyNetworks networks) {
    this.kernel = kernel;
    this.program = program;
    this.networks = networks;
    this.waiting = new WaitingExecutors(kernel, program);
  }

  /** Loads the executor's binary. */
  public static Executor load(Kernel kernel, Path binary, ReadyNetworks networks)
      throws IOException {
    return new Executor(
        kernel, kernel.sealedMemory("waybill-runner", Files.readAllBytes(binary)), networks);
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
    return launch(plan, plan.encode());
  }

  /** The same for a caller that has encoded the plan already. */
  public Launched launch(LaunchPlan plan, byte[] encoded)
      throws IOException, LaunchFailedException {
    Optional<Fd> network = plan.makesHostsNetwork() ? networks.take() : Optional.empty();
    try {
      return launch(plan, order(encoded, network), waiting.take());
    } finally {
      network.ifPresent(Fd::close);
      waiting.spawnAnother();
    }
  }

  private Launched launch(LaunchPlan plan, byte[] order, Waiting waits)
      throws IOException, LaunchFailedException {
    Waiting executor = waits;
    try {
      long begunNs = System.nanoTime();
      if (!kernel.write(executor.plan(), order)) {
        // It was killed while it waited.
        executor.close();
        kernel.awaitExit(executor.pid());
        executor = waiting.spawn();
        if (!kernel.write(executor.plan(), order)) {
          kernel.awaitExit(executor.pid());
          throw new IOException(
              "the executor " + executor.pid() + " died before it had its plan; try again");
        }
      }
      executor.plan().close();
      Report report;
      try {
        report = Report.parse(kernel.read(executor.report(), Report.BYTES));
      } catch (IOException e) {
        kernel.reap(executor.pid());
        throw e;
      }
      if (report.kind() != Report.Kind.READY) {
        kernel.awaitExit(executor.pid());
        throw Failure.of(plan, report);
      }
      return new Launched(
          report.pid(),
          report.pidStart(),
          executor.pid(),
          report.begunNs() - begunNs,
          report.hostNs(),
          report.parentNs(),
          report.containerNs(),
          kernel.duplicate(executor.report()));
    } finally {
      executor.close();
    }
  }

  /** What an executor reads: our descriptor of a network that is ready or -1, then the plan. */
  private static byte[] order(byte[] encoded, Optional<Fd> network) {
    return ByteBuffer.allocate(Integer.BYTES + encoded.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(network.map(Fd::number).orElse(-1))
        .put(encoded)
        .array();
  }

  /**
   * Runs the hooks of a phase that comes after the launch.
   *
   * @param pid of the container's process; 0 when it has ended
   * @throws LaunchFailedException if one failed that must not
   */
  public void runHooks(LaunchPlan plan, Phase phase, int pid)
      throws IOException, LaunchFailedException {
    if (plan.has(phase)) {
      Report report = hooks(plan.encode(), phase, pid);
      if (report.kind() != Report.Kind.READY) {
        throw Failure.of(plan, report);
      }
    }
  }

  /** The same for an encoded plan, and for hooks of which none stops anything. */
  public void runHooks(byte[] plan, Phase phase, int pid) throws IOException {
    Report report = hooks(plan, phase, pid);
    if (report.kind() != Report.Kind.READY) {
      LOG.warning("hooks failed phase=" + phase + " detail=" + report.detail());
    }
  }

  @SuppressWarnings("EnumOrdinal") // the plan's encoding
  private Report hooks(byte[] plan, Phase phase, int pid) throws IOException {
    String number = Integer.toString(phase.ordinal());
    try (Fd memory = kernel.sealedMemory("launch-plan", plan);
        Kernel.Pipe pipe = kernel.pipe()) {
      int process =
          kernel.spawn(
              program,
              List.of("waybill-runner", ":hooks", number, Integer.toString(pid)),
              List.of(memory, pipe.write()));
      pipe.write().close();
      try {
        Report report = Report.parse(kernel.read(pipe.read(), Report.BYTES));
        if (!report.detail().isEmpty()) {
          LOG.warning("hook failed phase=" + phase + " detail=" + report.detail());
        }
        return report;
      } finally {
        kernel.awaitExit(process);
      }
    }
  }

  @Override
  public void close() {
    waiting.close();
    program.close();
  }
}
