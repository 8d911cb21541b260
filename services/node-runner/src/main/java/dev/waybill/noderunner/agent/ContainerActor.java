package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.node.ContainerCleaned;
import dev.waybill.contracts.node.ContainerCreated;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStartFailed;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.Health;
import dev.waybill.contracts.node.HealthChanged;
import dev.waybill.contracts.node.LaunchTimes;
import dev.waybill.contracts.node.OomKilled;
import dev.waybill.contracts.runner.v1.ContainerState;
import dev.waybill.contracts.runner.v1.CreateRequest;
import dev.waybill.contracts.runner.v1.CreateResponse;
import dev.waybill.contracts.runner.v1.DeleteRequest;
import dev.waybill.contracts.runner.v1.KillRequest;
import dev.waybill.contracts.runner.v1.PhaseTimes;
import dev.waybill.contracts.runner.v1.StateRequest;
import dev.waybill.contracts.runner.v1.WaitExitRequest;
import dev.waybill.contracts.runner.v1.WaitExitResponse;
import dev.waybill.eventlog.Lineage;
import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.agent.ContainerRecord.Phase;
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
import java.util.concurrent.TimeUnit;
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
  private final BlockingQueue<Numbered> orders = new LinkedBlockingQueue<>();
  private volatile ContainerRecord record;
  private @Nullable HealthProber prober;

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

  ContainerActor(NodeParts node, ContainerRecord record) {
    this.node = node;
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
          kill(SIGKILL, true);
        }
      }
      case Order.Signal(var number) -> {
        if (record.phase() == Phase.RUNNING) {
          kill(number, false);
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
      case ENDED -> deleteFromRunner();
    }
  }

  private void attach(AttachAssigned to) throws IOException, InterruptedException {
    boolean waited = record.attach() == null;
    keep(record.with(to));
    if (waited && record.phase() == Phase.STARTING) {
      start();
    }
  }

  private void start() throws IOException, InterruptedException {
    try {
      CachedImage image = node.preparation().image(record.run());
      AttachAssigned attach = record.attach();
      if (record.run().getAwaitsAddress() && attach == null) {
        return;
      }
      Optional<ContainerState> running = startedBefore();
      if (running.isPresent()) {
        adopt(running.get(), image);
        return;
      }
      deleteFromRunner();
      String netns = attach == null ? null : node.networks().attach(attach);
      Preparation.Ready ready =
          node.preparation()
              .bundle(record.run(), image, node.records().directory(record.id()), attach, netns);
      if (attach != null) {
        node.ports().publish(attach, record.run().getSpec().getPortsList());
      }
      CreateResponse created = create(ready);
      reportStarted(
          new Launched(created.getPlanDigest(), created.getPid(), times(created.getTimes())),
          ready.configDigest(),
          ready.image());
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

  /**
   * A kill of this process may have come between the start and its report: nothing starts twice.
   */
  private Optional<ContainerState> startedBefore() {
    try {
      ContainerState state =
          node.runner().containers().state(StateRequest.newBuilder().setId(record.id()).build());
      return state.getStartedAtNs() > 0 ? Optional.of(state) : Optional.empty();
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void adopt(ContainerState state, CachedImage image) throws IOException {
    byte[] config = Files.readAllBytes(Path.of(state.getBundle(), "config.json"));
    reportStarted(
        new Launched(state.getPlanDigest(), state.getPid(), LaunchTimes.getDefaultInstance()),
        Digest.of(config).toString(),
        image);
    republish();
    startProber();
    watch();
  }

  private CreateResponse create(Preparation.Ready ready) {
    return node.runner()
        .containers()
        .create(
            CreateRequest.newBuilder()
                .setId(record.id())
                .setBundle(ready.bundle().toString())
                .setLogPath(node.logFile(record.id()).toString())
                .setTty(record.run().getSpec().getTty())
                .setStdin(record.run().getSpec().getStdin())
                .setStart(true)
                .build());
  }

  private static LaunchTimes times(PhaseTimes measured) {
    return LaunchTimes.newBuilder()
        .setCompileNs(measured.getCompileNs())
        .setSpawnNs(measured.getSpawnNs())
        .setHostNs(measured.getHostNs())
        .setParentNs(measured.getParentNs())
        .setContainerNs(measured.getContainerNs())
        .setStartNs(measured.getStartNs())
        .build();
  }

  /** What the runner said of a container that runs; times are unknown for one that was adopted. */
  private record Launched(String planDigest, long pid, LaunchTimes times) {}

  private void reportStarted(Launched launched, String configDigest, CachedImage image) {
    var createdEvent =
        ContainerCreated.newBuilder()
            .setContainerId(record.id())
            .setNodeId(node.nodeId())
            .setPlanDigest(launched.planDigest())
            .setConfigDigest(configDigest)
            .setPid(launched.pid())
            .setTimes(launched.times())
            .build();
    AttachAssigned attach = record.attach();
    var startedEvent =
        ContainerStarted.newBuilder()
            .setContainerId(record.id())
            .setNodeId(node.nodeId())
            .setPid(launched.pid())
            .setAddress(attach == null ? "" : attach.getAddress())
            .setAwaitsHealth(HealthProber.hasCheck(record.run(), image))
            .build();
    node.journal().report(record, "start", createdEvent, startedEvent);
    keep(record.started());
  }

  private HealthChanged health(Health health, String message) {
    return HealthChanged.newBuilder()
        .setContainerId(record.id())
        .setNodeId(node.nodeId())
        .setHealth(health)
        .setMessage(message)
        .build();
  }

  private void healthChanged(Health health, String message) {
    if (record.phase() == Phase.RUNNING) {
      node.journal().note(node.ids().next(), health(health, message));
    }
  }

  private void startFailed(int exitCode, boolean retryable, String message) throws IOException {
    node.ports().withdraw(record.id());
    deleteFromRunner();
    node.journal()
        .report(
            record,
            "start",
            ContainerStartFailed.newBuilder()
                .setContainerId(record.id())
                .setNodeId(node.nodeId())
                .setExitCode(exitCode)
                .setMessage(message)
                .setRetryable(retryable)
                .build());
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
    long ranMs =
        Math.max(0, TimeUnit.NANOSECONDS.toMillis(how.getExitedAtNs() - how.getStartedAtNs()));
    var exited =
        ContainerExited.newBuilder()
            .setContainerId(record.id())
            .setNodeId(node.nodeId())
            .setExitCode(how.getExitCode())
            .setSignal(how.getSignal() == 0 ? "" : Signals.name(how.getSignal()))
            .setOomKilled(how.getOomKilled())
            .setRanMs(ranMs)
            .build();
    if (how.getOomKilled()) {
      var oom =
          OomKilled.newBuilder()
              .setContainerId(record.id())
              .setNodeId(node.nodeId())
              .setLimitBytes(how.getMemoryLimitBytes())
              .setPeakBytes(how.getMemoryPeakBytes())
              .build();
      node.journal().report(record, "end-" + record.starts(), exited, oom);
    } else {
      node.journal().report(record, "end-" + record.starts(), exited);
    }
    keep(record.with(Phase.ENDED));
    deleteFromRunner();
  }

  private void stop(long graceMs) {
    if (record.phase() != Phase.RUNNING) {
      return;
    }
    keep(record.stopping());
    String asked = record.run().getSpec().getStopSignal();
    kill(asked.isEmpty() ? Signals.TERM : Signals.number(asked).orElse(Signals.TERM), false);
    int start = record.starts();
    node.later(Duration.ofMillis(graceMs), () -> tell(new Order.KillNow(start)));
  }

  private void kill(int signal, boolean all) {
    node.runner()
        .containers()
        .kill(KillRequest.newBuilder().setId(record.id()).setSignal(signal).setAll(all).build());
  }

  private void deleteFromRunner() {
    node.runner()
        .containers()
        .delete(DeleteRequest.newBuilder().setId(record.id()).setForce(true).build());
  }

  private void remove(ContainerRecord removal, long offset) throws IOException {
    stopProber();
    node.ports().withdraw(record.id());
    deleteFromRunner();
    if (record.attach() != null) {
      node.networks().detach(record.id());
    }
    node.preparation().remove(record.id());
    node.journal()
        .report(
            removal,
            "remove",
            ContainerCleaned.newBuilder()
                .setContainerId(record.id())
                .setNodeId(node.nodeId())
                .build());
    node.position().buried(record.id(), offset);
    node.records().remove(record.id());
    node.forget(record.id());
  }

  private void keep(ContainerRecord next) {
    record = next;
    node.records().keep(next);
  }
}
