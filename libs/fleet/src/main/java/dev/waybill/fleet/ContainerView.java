package dev.waybill.fleet;

import dev.waybill.contracts.container.ContainerRequested;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A container as people see it.
 *
 * @param request what was asked for
 * @param actor who asked
 * @param correlationId id of the request that began it
 * @param status where it is in its life
 * @param message why it is there, one line; empty where that goes without saying
 * @param run what the node said of its newest run
 * @param createdAt when it was requested
 */
public record ContainerView(
    ContainerRequested request,
    String actor,
    String correlationId,
    Status status,
    String message,
    String node,
    String imageDigest,
    String address,
    Run run,
    Instant createdAt) {

  /** The words for a container's life. */
  public enum Status {
    /** Its image is fetched, or here and not released by the gate. */
    AWAITING_IMAGE,
    /** No node can run it now. */
    WAITING,
    STARTING,
    RUNNING,
    STOPPING,
    EXITED,
    FAILED,
    LOST,
    REMOVING;

    /** The word in listings. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Nothing more happens to it by itself. */
    public boolean isEnd() {
      return this == EXITED || this == FAILED || this == REMOVING;
    }
  }

  /**
   * One run of its program.
   *
   * @param number counts the starts, 0 before the first
   * @param exitCode null while it runs
   * @param signal name of the signal that ended it; empty if none did
   * @param health {@code starting}, {@code healthy}, {@code unhealthy}, or empty without a check
   */
  public record Run(
      int number,
      long pid,
      String planDigest,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      @Nullable Integer exitCode,
      String signal,
      boolean oomKilled,
      String health) {
    static final Run NONE = new Run(0, 0, "", null, null, null, "", false, "");

    Run created(String plan) {
      return new Run(number, pid, plan, null, null, null, "", false, "");
    }

    Run started(long newPid, Instant at, String firstHealth) {
      return new Run(number + 1, newPid, planDigest, at, null, null, "", false, firstHealth);
    }

    Run ended(int code, String bySignal, boolean oom, Instant at) {
      return new Run(number, 0, planDigest, startedAt, at, code, bySignal, oom, health);
    }

    Run withHealth(String word) {
      return new Run(
          number, pid, planDigest, startedAt, finishedAt, exitCode, signal, oomKilled, word);
    }
  }

  public String id() {
    return request.getContainerId();
  }

  public String name() {
    return request.getName();
  }

  ContainerView with(Status now, String why) {
    return new ContainerView(
        request, actor, correlationId, now, why, node, imageDigest, address, run, createdAt);
  }

  ContainerView with(Run newest) {
    return new ContainerView(
        request,
        actor,
        correlationId,
        status,
        message,
        node,
        imageDigest,
        address,
        newest,
        createdAt);
  }

  ContainerView on(String nodeId, String digest) {
    return new ContainerView(
        request,
        actor,
        correlationId,
        Status.STARTING,
        "",
        nodeId,
        digest,
        address,
        run,
        createdAt);
  }

  ContainerView at(String ip) {
    return new ContainerView(
        request, actor, correlationId, status, message, node, imageDigest, ip, run, createdAt);
  }
}
