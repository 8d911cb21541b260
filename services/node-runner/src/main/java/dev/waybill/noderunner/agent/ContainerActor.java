package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.node.Health;
import dev.waybill.contracts.runner.v1.ContainerState;
import dev.waybill.contracts.runner.v1.CreateResponse;
import dev.waybill.contracts.runner.v1.WaitExitRequest;
import dev.waybill.contracts.runner.v1.WaitExitResponse;
import dev.waybill.eventlog.Lineage;
import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.agent.ContainerRecord.Phase;
import dev.waybill.noderunner.imagecache.CacheOutcome;
import dev.waybill.noderunner.imagecache.CachedImage;
import dev.waybill.noderunner.runner.RunnerClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * One container's thread on its node: takes orders one after the other, so that nothing about one
 * container happens twice or at the same time.
 */
final class ContainerActor {
  private static final int START_FAILED = 125;
  private static final int SIGKILL = 9;
  private static final Duration ORDER_RETRY = Duration.ofMillis(500);
  private static final Duration ORDER_RETRY_MAX = Duration.ofSeconds(30);
  private static final Duration RUNNER_RETRY = Duration.ofMillis(200);

  private final NodeParts node;
  private final RunnerCalls calls;
  private final BlockingQueue<Numbered> orders = new LinkedBlockingQueue<>();
  private volatile ContainerRecord record;
  private @Nullable HealthProber prober;

  /** Native-runner can know nothing of it yet, so nobody needs to ask. */
  private boolean fresh;

  /** An order from the log with its offset; -1 for what the node tells itself. */
  private record Numbered(Order order, long offset) {}

  /** What an actor is told. */
  sealed interface Order {
    /** Go on from where the record says; the first order of each actor. */
    record Begin() implements Order {}

    /** It is connected there. */
    record Attach(AttachAssigned to) implements Order {}

    /** Its program ended. */
    record Ended(WaitExitResponse how) implements Order {}

    /** End it. */
    record Stop(long graceMs) implements Order {}

    /** SIGKILL, if start number {@code start} still runs. */
    record KillNow(int start) implements Order {}

    /** Send a signal. */
    record Signal(int number) implements Order {}

    /** Start it again. */
    record Restart(String causeId, Lineage lineage) implements Order {}

    /** A probe's verdict changed. */
    record Healthy(Health health, String message) implements Order {}

    /** Delete it. */
    record Remove(String causeId, Lineage lineage) implements Order {}

    /** Stop following it; it goes on by itself. */
    record Leave() implements Order {}
  }

  /**
   * @param fresh whether this is the first that this node hears of the container
   */
  ContainerActor(NodeParts node, ContainerRecord record, boolean fresh) {
    this.fresh = fresh;
    this.node = node;
    this.calls = new RunnerCalls(node.runner(), record.id());
    this.record = record;
  }

  void tell(Order order) {
    tell(order, -1);
  }

  /** Passes on an order from the log; one that was taken before is passed over. */
  void tell(Order order, long offset) {
    if (offset >= 0 && offset <= record.taken()) {
      return;
    }
    if (offset >= 0) {
      node.position().begun(offset);
    }
    orders.add(new Numbered(order, offset));
  }

  ContainerRecord record() {
    return record;
  }

  /** Runs until the container is removed or left. */
  void run() {
    try {
      boolean more = true;
      while (more) {
        Numbered next = orders.take();
        more = carryOut(next);
        if (next.offset() >= 0) {
          node.position().done(next.offset());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      stopProber();
    }
  }

  /** Tries an order until it is carried out: the log or the runner may be away for a while. */
  private boolean carryOut(Numbered next) throws InterruptedException {
    Duration wait = ORDER_RETRY;
    while (true) {
      try {
        boolean more = follow(next.order(), next.offset());
        if (more && next.offset() >= 0) {
          keep(record.taken(next.offset()));
        }
        return more;
      } catch (IOException | RuntimeException e) {
        node.failed(record.id(), e);
        if (node.stopsWithin(wait)) {
          return false;
        }
        wait = wait.compareTo(ORDER_RETRY_MAX) < 0 ? wait.multipliedBy(2) : ORDER_RETRY_MAX;
      }
    }
  }

  private boolean follow(Order order, long offset) throws IOException, InterruptedException {
    switch (order) {
      case Order.Begin() -> begin();
      case Order.Attach(var to) -> attach(to);
      case Order.Ended(var how) -> ended(how);
      case Order.Stop(var graceMs) -> stop(graceMs);
      case Order.KillNow(var start) -> {
        if (record.phase() == Phase.RUNNING && record.starts() == start) {
          calls.kill(SIGKILL, true);
        }
      }
      case Order.Signal(var number) -> {
        if (record.phase() == Phase.RUNNING) {
          calls.kill(number, false);
        }
      }
      case Order.Restart(var causeId, var lineage) -> {
        if (record.phase() == Phase.ENDED) {
          keep(record.ordered(causeId, lineage));
          begin();
        }
      }
      case Order.Healthy(var health, var message) -> healthChanged(health, message);
      case Order.Remove(var causeId, var lineage) -> {
        remove(record.ordered(causeId, lineage), offset);
        return false;
      }
      case Order.Leave() -> {
        return false;
      }
    }
    return true;
  }

  private void begin() throws IOException, InterruptedException {
    switch (record.phase()) {
      case STARTING -> start();
      case RUNNING -> {
        republish();
        startProber();
        watch();
      }
      case ENDED -> clear();
    }
  }

  private void attach(AttachAssigned to) throws IOException, InterruptedException {
    keep(record.with(to));
    // Also where an earlier try kept the order and then failed.
    if (record.phase() == Phase.STARTING) {
      start();
    }
  }

  private void start() throws IOException, InterruptedException {
    try {
      CacheOutcome.Cached cached = node.preparation().image(record.run());
      CachedImage image = cached.image();
      cached.fetched().ifPresent(fetched -> reports().cached(image, fetched));
      AttachAssigned attach = record.attach();
      if (record.run().getAwaitsAddress() && attach == null) {
        return;
      }
      if (!fresh) {
        // A kill of this process may have come between a start and its report: nothing starts
        // twice.
        Optional<ContainerState> running = calls.startedBefore();
        if (running.isPresent()) {
          adopt(running.get(), image);
          return;
        }
        calls.delete();
      }
      fresh = false;
      String netns = attach == null ? null : node.networks().attach(attach);
      Preparation.Ready ready =
          node.preparation()
              .bundle(record.run(), image, node.records().directory(record.id()), attach, netns);
      if (attach != null) {
        node.ports().publish(attach, record.run().getSpec().getPortsList());
      }
      CreateResponse created = calls.create(record, ready.bundle(), node.logFile(record.id()));
      started(Reports.Launched.of(created), ready.configDigest(), ready.image());
      startProber();
      watch();
    } catch (Preparation.Failed e) {
      startFailed(e.exitCode(), e.retryable(), String.valueOf(e.getMessage()));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
        // A create that a killed predecessor of this process began is still under way: look again.
        throw e;
      }
      boolean away = e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED;
      startFailed(RunnerClient.exitCode(e).orElse(START_FAILED), away, RunnerClient.message(e));
    } catch (IOException e) {
      startFailed(START_FAILED, true, String.valueOf(e.getMessage()));
    }
  }

  private void adopt(ContainerState state, CachedImage image) throws IOException {
    byte[] config = Files.readAllBytes(Path.of(state.getBundle(), "config.json"));
    started(Reports.Launched.of(state), Digest.of(config).toString(), image);
    republish();
    startProber();
    watch();
  }

  private void started(Reports.Launched launched, String configDigest, CachedImage image) {
    reports().started(launched, configDigest, HealthProber.hasCheck(record.run(), image));
    keep(record.started());
  }

  private Reports reports() {
    return new Reports(node, record);
  }

  private void healthChanged(Health health, String message) {
    if (record.phase() == Phase.RUNNING) {
      reports().health(health, message);
    }
  }

  private void startFailed(int exitCode, boolean retryable, String message) throws IOException {
    node.ports().withdraw(record.id());
    clear();
    reports().startFailed(exitCode, retryable, message);
    keep(record.with(Phase.ENDED));
  }

  /** Ports are this process's to hold; after a restart they are taken again. */
  private void republish() throws IOException {
    AttachAssigned attach = record.attach();
    if (attach != null) {
      node.networks().attach(attach);
      node.ports().publish(attach, record.run().getSpec().getPortsList());
    }
  }

  private void startProber() throws IOException {
    prober = HealthProber.start(node, record, this::tell);
  }

  private void stopProber() {
    if (prober != null) {
      prober.close();
      prober = null;
    }
  }

  /**
   * Waits for the end on a thread of its own; a restart of native-runner in between is waited out.
   */
  private void watch() {
    Thread.ofVirtual()
        .name("watch-" + record.id())
        .start(
            () -> {
              WaitExitResponse how = awaitExit(record.id());
              if (how != null) {
                tell(new Order.Ended(how));
              }
            });
  }

  private @Nullable WaitExitResponse awaitExit(String id) {
    while (!node.stopping()) {
      try {
        return node.runner().waiting().waitExit(WaitExitRequest.newBuilder().setId(id).build());
      } catch (StatusRuntimeException e) {
        switch (e.getStatus().getCode()) {
          case NOT_FOUND -> {
            // Its state is gone, as after a reboot: it can't be running.
            return WaitExitResponse.newBuilder()
                .setExited(true)
                .setExitCode(128 + SIGKILL)
                .setSignal(SIGKILL)
                .build();
          }
          case CANCELLED -> {
            return null;
          }
          default -> {
            if (node.stopsWithin(RUNNER_RETRY)) {
              return null;
            }
          }
        }
      }
    }
    return null;
  }

  private void ended(WaitExitResponse how) throws IOException {
    if (record.phase() != Phase.RUNNING) {
      return;
    }
    stopProber();
    node.ports().withdraw(record.id());
    reports().ended(how);
    // Before it counts as ended: who stops the node waits for that, and no longer.
    node.preparation().release(record.id());
    keep(record.with(Phase.ENDED));
    calls.delete();
  }

  /** Nothing of it runs, nor stays mounted on the host. */
  private void clear() throws IOException {
    calls.delete();
    node.preparation().release(record.id());
  }

  private void stop(long graceMs) {
    if (record.phase() != Phase.RUNNING) {
      return;
    }
    keep(record.stopping());
    String asked = record.run().getSpec().getStopSignal();
    calls.kill(asked.isEmpty() ? Signals.TERM : Signals.number(asked).orElse(Signals.TERM), false);
    int start = record.starts();
    node.later(Duration.ofMillis(graceMs), () -> tell(new Order.KillNow(start)));
  }

  private void remove(ContainerRecord removal, long offset) throws IOException {
    stopProber();
    node.ports().withdraw(record.id());
    calls.delete();
    if (record.attach() != null) {
      node.networks().detach(record.id());
    }
    node.preparation().remove(record.id());
    new Reports(node, removal).cleaned();
    node.position().buried(record.id(), offset);
    node.records().remove(record.id());
    node.forget(record.id());
  }

  private void keep(ContainerRecord next) {
    record = next;
    node.records().keep(next);
    node.changed();
  }
}
