package dev.waybill.nativerunner.launch;

import dev.waybill.nativerunner.sys.Fd;
import dev.waybill.nativerunner.sys.Kernel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Executors that were spawned before there was a plan, and wait for one: spawning takes as long as
 * a third of a launch. One that nobody needs ends when its plan's pipe is closed, so also with this
 * process.
 */
final class WaitingExecutors implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(WaitingExecutors.class.getName());
  private static final int COUNT = 2;

  /** A launch has the processors; what is spawned for the next one can wait that long. */
  private static final long LAUNCH_MS = 3;

  private final Kernel kernel;
  private final Fd program;
  private final BlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(COUNT);
  private final ScheduledExecutorService spawning =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("executors").factory());

  WaitingExecutors(Kernel kernel, Fd program) {
    this.kernel = kernel;
    this.program = program;
    for (int i = 0; i < COUNT; i++) {
      spawning.execute(this::keepOne);
    }
  }

  /**
   * An executor.
   *
   * @param plan writing end of a pipe; it begins when that is closed
   * @param report reading end of the pipe that it tells on what became of the plan
   */
  record Waiting(int pid, Fd plan, Fd report) implements AutoCloseable {
    @Override
    public void close() {
      plan.close();
      report.close();
    }
  }

  /** One that waits, or a new one; the caller closes and reaps it. */
  Waiting take() throws IOException {
    Waiting next = waiting.poll();
    return next != null ? next : spawn();
  }

  /** Has one spawned for the next launch, soon. */
  void spawnAnother() {
    try {
      spawning.schedule(this::keepOne, LAUNCH_MS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      LOG.log(Level.FINE, "no executor is spawned, the service ends", closed);
    }
  }

  private void keepOne() {
    try {
      Waiting spawned = spawn();
      if (!waiting.offer(spawned)) {
        end(spawned);
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "no executor could be spawned ahead", e);
    }
  }

  Waiting spawn() throws IOException {
    try (Kernel.Pipe plan = kernel.pipe()) {
      try (Kernel.Pipe report = kernel.pipe()) {
        int pid =
            kernel.spawn(
                program,
                List.of("waybill-runner", ":execute"),
                List.of(plan.read(), report.write()));
        return new Waiting(pid, kernel.duplicate(plan.write()), kernel.duplicate(report.read()));
      }
    }
  }

  /** Lets one end that never got a plan. */
  private void end(Waiting unused) {
    unused.close();
    kernel.awaitExit(unused.pid());
  }

  @Override
  public void close() {
    spawning.close();
    for (Waiting unused = waiting.poll(); unused != null; unused = waiting.poll()) {
      end(unused);
    }
  }
}
