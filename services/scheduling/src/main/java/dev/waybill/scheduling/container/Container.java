package dev.waybill.scheduling.container;

import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.node.Health;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.RestartCondition;

/**
 * One container.
 *
 * @param request the request that made it, with its whole spec
 * @param node the node that has it; empty before it is scheduled
 * @param imageDigest what it runs; empty before its image is known
 * @param health as last reported
 * @param exitCode of the last end
 * @param startedAtMs when its program last started, by the decider's clock
 * @param failures ends in a row that came soon after the start
 * @param stopAsked somebody asked for its end: no policy starts it again
 * @param removeAsked its record shall go once it ended
 * @param note why it waits or failed, one line
 */
public record Container(
    ContainerRequested request,
    Phase phase,
    String node,
    String imageDigest,
    Health health,
    int exitCode,
    long startedAtMs,
    int failures,
    boolean stopAsked,
    boolean removeAsked,
    String note) {

  /** A container that was just requested. */
  public static Container requested(ContainerRequested request) {
    return new Container(
        request, Phase.WAITING, "", "", Health.HEALTH_UNSPECIFIED, 0, 0, 0, false, false, "");
  }

  public String id() {
    return request.getContainerId();
  }

  public ContainerSpec spec() {
    return request.getSpec();
  }

  /** Key of the workload that it is a replica of; empty for a one-off run. */
  public String workloadKey() {
    return request.getWorkload().isEmpty()
        ? ""
        : request.getNamespace() + "/" + request.getWorkload();
  }

  /** It runs, and is healthy where it has a check. */
  public boolean isReady() {
    return phase == Phase.RUNNING
        && (health == Health.HEALTH_UNSPECIFIED || health == Health.HEALTH_HEALTHY);
  }

  /**
   * Its policy wants another attempt after this end. A stop that somebody asked for ends a one-off
   * run for good; a workload that lost a replica that way still wants its number.
   */
  public boolean wantsRestart() {
    boolean replica = !workloadKey().isEmpty();
    if (removeAsked || stopAsked && !replica) {
      return false;
    }
    RestartCondition condition = spec().getRestart().getCondition();
    return switch (condition) {
      case RESTART_CONDITION_ALWAYS -> true;
      case RESTART_CONDITION_ON_FAILURE -> exitCode != 0;
      case RESTART_CONDITION_UNSPECIFIED -> replica;
      case RESTART_CONDITION_NEVER, UNRECOGNIZED -> false;
    };
  }

  public Container withPhase(Phase next) {
    return new Container(
        request,
        next,
        node,
        imageDigest,
        health,
        exitCode,
        startedAtMs,
        failures,
        stopAsked,
        removeAsked,
        note);
  }

  public Container scheduled(String onNode, String digest) {
    return new Container(
        request,
        Phase.ASSIGNED,
        onNode,
        digest,
        health,
        exitCode,
        startedAtMs,
        failures,
        stopAsked,
        removeAsked,
        "");
  }

  /** Its program runs; {@code first} is its health until a probe says more. */
  public Container started(long atMs, Health first) {
    Phase next = phase == Phase.STOPPING ? Phase.STOPPING : Phase.RUNNING;
    return new Container(
        request,
        next,
        node,
        imageDigest,
        first,
        exitCode,
        atMs,
        failures,
        stopAsked,
        removeAsked,
        "");
  }

  /** It ended; {@code why} is empty for a plain exit. */
  public Container exited(int code, int failuresNow, String why) {
    return new Container(
        request,
        Phase.EXITED,
        node,
        imageDigest,
        Health.HEALTH_UNSPECIFIED,
        code,
        startedAtMs,
        failuresNow,
        stopAsked,
        removeAsked,
        why);
  }

  public Container withHealth(Health now) {
    return new Container(
        request,
        phase,
        node,
        imageDigest,
        now,
        exitCode,
        startedAtMs,
        failures,
        stopAsked,
        removeAsked,
        note);
  }

  public Container withAsked(boolean stop, boolean remove) {
    return new Container(
        request,
        phase,
        node,
        imageDigest,
        health,
        exitCode,
        startedAtMs,
        failures,
        stop,
        remove,
        note);
  }

  public Container withNote(String reason) {
    return new Container(
        request,
        phase,
        node,
        imageDigest,
        health,
        exitCode,
        startedAtMs,
        failures,
        stopAsked,
        removeAsked,
        reason);
  }
}
