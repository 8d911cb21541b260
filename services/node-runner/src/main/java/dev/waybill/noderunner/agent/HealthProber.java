package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.contracts.node.Health;
import dev.waybill.contracts.runner.v1.ExecRequest;
import dev.waybill.contracts.runner.v1.ExecResponse;
import dev.waybill.contracts.runner.v1.KillRequest;
import dev.waybill.contracts.runner.v1.WaitExitRequest;
import dev.waybill.contracts.runner.v1.WaitExitResponse;
import dev.waybill.contracts.spec.ExecProbe;
import dev.waybill.contracts.spec.HealthCheck;
import dev.waybill.noderunner.imagecache.CachedImage;
import dev.waybill.oci.image.ContainerConfig;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tries a container's health check over and over, and says when the verdict changes. */
final class HealthProber implements AutoCloseable {
  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
  private static final int DEFAULT_RETRIES = 3;
  private static final int SIGKILL = 9;

  private final NodeParts node;
  private final ContainerRecord container;
  private final HealthCheck check;
  private final Consumer<ContainerActor.Order> tell;
  private final Thread thread;

  /** A probe's result; {@code message} says what was seen. */
  private record Seen(boolean good, String message) {}

  private HealthProber(
      NodeParts node,
      ContainerRecord container,
      HealthCheck check,
      Consumer<ContainerActor.Order> tell) {
    this.node = node;
    this.container = container;
    this.check = check;
    this.tell = tell;
    this.thread = Thread.ofVirtual().name("health-" + container.id()).unstarted(this::probe);
  }

  static boolean hasCheck(RunAssigned run, CachedImage image) {
    return check(run, image).isPresent();
  }

  /** Starts probing; null for a container without a check. */
  static @Nullable HealthProber start(
      NodeParts node, ContainerRecord container, Consumer<ContainerActor.Order> tell)
      throws IOException {
    CachedImage image;
    try {
      image = node.preparation().image(container.run()).image();
    } catch (Preparation.Failed e) {
      throw new IOException("image of running container " + container.id() + " is gone", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
    Optional<HealthCheck> check = check(container.run(), image);
    if (check.isEmpty()) {
      return null;
    }
    var prober = new HealthProber(node, container, check.get(), tell);
    prober.thread.start();
    return prober;
  }

  /** The user's check, else the image's; none where it was switched off. */
  private static Optional<HealthCheck> check(RunAssigned run, CachedImage image) {
    HealthCheck own = run.getSpec().getHealthCheck();
    return switch (own.getProbeCase()) {
      case EXEC, HTTP, TCP -> Optional.of(own);
      case NONE -> Optional.empty();
      case PROBE_NOT_SET -> fromImage(image.config().config().healthcheck());
    };
  }

  private static Optional<HealthCheck> fromImage(ContainerConfig.@Nullable Healthcheck check) {
    if (check == null || check.test().size() < 2) {
      return Optional.empty();
    }
    List<String> words = check.test().subList(1, check.test().size());
    List<String> command =
        check.test().getFirst().equals("CMD-SHELL")
            ? List.of("/bin/sh", "-c", words.getFirst())
            : words;
    return Optional.of(
        HealthCheck.newBuilder()
            .setExec(ExecProbe.newBuilder().addAllCommand(command))
            .setIntervalMs(check.interval().toMillis())
            .setTimeoutMs(check.timeout().toMillis())
            .setStartPeriodMs(check.startPeriod().toMillis())
            .setRetries(check.retries())
            .build());
  }

  private void probe() {
    Duration interval = orDefault(check.getIntervalMs(), DEFAULT_INTERVAL);
    int retries = check.getRetries() == 0 ? DEFAULT_RETRIES : check.getRetries();
    long started = System.nanoTime();
    Health verdict = Health.HEALTH_STARTING;
    int failures = 0;
    try {
      while (true) {
        // The first look comes soon: who waits for a dependency waits for this.
        Thread.sleep(
            verdict == Health.HEALTH_STARTING && failures == 0 ? first(interval) : interval);
        Seen seen = tryOnce();
        boolean counts =
            System.nanoTime() - started > Duration.ofMillis(check.getStartPeriodMs()).toNanos();
        failures = seen.good() ? 0 : counts ? failures + 1 : failures;
        Health next =
            seen.good()
                ? Health.HEALTH_HEALTHY
                : failures >= retries ? Health.HEALTH_UNHEALTHY : verdict;
        if (next != verdict) {
          verdict = next;
          tell.accept(new ContainerActor.Order.Healthy(verdict, seen.message()));
        }
      }
    } catch (InterruptedException e) {
      // The container ended, or the node stops: nobody asks any more.
      Thread.currentThread().interrupt();
    }
  }

  private static Duration first(Duration interval) {
    Duration soon = Duration.ofMillis(200);
    return interval.compareTo(soon) < 0 ? interval : soon;
  }

  private static Duration orDefault(long ms, Duration otherwise) {
    return ms == 0 ? otherwise : Duration.ofMillis(ms);
  }

  private Seen tryOnce() throws InterruptedException {
    Duration timeout = orDefault(check.getTimeoutMs(), DEFAULT_TIMEOUT);
    try {
      return switch (check.getProbeCase()) {
        case EXEC -> exec(check.getExec().getCommandList(), timeout);
        case HTTP -> http(timeout);
        case TCP -> tcp(timeout);
        case NONE, PROBE_NOT_SET -> new Seen(true, "");
      };
    } catch (IOException | StatusRuntimeException e) {
      return new Seen(false, String.valueOf(e.getMessage()));
    }
  }

  private Seen exec(List<String> command, Duration timeout) {
    ExecResponse started =
        node.runner()
            .containers()
            .exec(
                ExecRequest.newBuilder()
                    .setId(container.id())
                    .addAllArgs(command)
                    .setDetach(true)
                    .build());
    WaitExitResponse ended =
        node.runner()
            .waiting()
            .waitExit(
                WaitExitRequest.newBuilder()
                    .setId(container.id())
                    .setExecId(started.getExecId())
                    .setTimeoutMs(timeout.toMillis())
                    .build());
    if (!ended.getExited()) {
      node.runner()
          .containers()
          .kill(
              KillRequest.newBuilder()
                  .setId(container.id())
                  .setExecId(started.getExecId())
                  .setSignal(SIGKILL)
                  .build());
      return new Seen(false, "no answer within " + timeout);
    }
    return new Seen(ended.getExitCode() == 0, "exit code " + ended.getExitCode());
  }

  private String address() {
    AttachAssigned attach = container.attach();
    return attach == null ? "127.0.0.1" : attach.getAddress();
  }

  private Seen http(Duration timeout) throws IOException, InterruptedException {
    String path = check.getHttp().getPath().isEmpty() ? "/" : check.getHttp().getPath();
    URI target = URI.create("http://" + address() + ":" + check.getHttp().getPort() + path);
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(timeout).build()) {
      HttpResponse<Void> answer =
          client.send(
              HttpRequest.newBuilder(target).timeout(timeout).build(),
              HttpResponse.BodyHandlers.discarding());
      int status = answer.statusCode();
      return new Seen(status >= 200 && status < 400, "status " + status);
    }
  }

  private Seen tcp(Duration timeout) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address(), check.getTcp().getPort()),
          Math.toIntExact(timeout.toMillis()));
      return new Seen(true, "connected");
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
