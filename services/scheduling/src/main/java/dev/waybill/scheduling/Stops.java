package dev.waybill.scheduling;

import dev.waybill.contracts.assignment.StopAssigned;
import dev.waybill.contracts.container.ContainerStopped;
import dev.waybill.contracts.container.StopReason;
import dev.waybill.scheduling.container.Container;

/** The decision that a container shall end, with the order to its node. */
final class Stops {
  private static final long GRACE_MS = 10_000;

  private Stops() {}

  /** Milliseconds between the stop signal and SIGKILL, as its spec says. */
  static long graceMs(Container container) {
    long asked = container.spec().getStopGraceMs();
    return asked > 0 ? asked : GRACE_MS;
  }

  static void stop(Turn turn, Container container, StopReason reason, long graceMs) {
    turn.decide(
        ContainerStopped.newBuilder()
            .setContainerId(container.id())
            .setReason(reason)
            .setGraceMs(graceMs)
            .build());
    turn.decide(
        StopAssigned.newBuilder()
            .setNodeId(container.node())
            .setContainerId(container.id())
            .setGraceMs(graceMs)
            .build());
  }
}
