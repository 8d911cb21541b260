package dev.waybill.nativerunner.service;

import dev.waybill.contracts.runner.v1.ContainerState;
import dev.waybill.contracts.runner.v1.CreateResponse;
import dev.waybill.contracts.runner.v1.PhaseTimes;
import dev.waybill.contracts.runner.v1.Status;
import dev.waybill.contracts.runner.v1.WaitExitResponse;
import dev.waybill.nativerunner.launch.Executor;
import dev.waybill.nativerunner.launch.ExitRecord;
import java.util.Locale;

/** The API's messages from what the service knows. */
final class Messages {
  private Messages() {}

  static String word(Container.Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }

  static Status status(Container.Status status) {
    return switch (status) {
      case CREATED -> Status.STATUS_CREATED;
      case RUNNING -> Status.STATUS_RUNNING;
      case PAUSED -> Status.STATUS_PAUSED;
      case STOPPED -> Status.STATUS_STOPPED;
    };
  }

  static CreateResponse created(Containers.Created created, boolean started) {
    Executor.Launched launched = created.launched();
    return CreateResponse.newBuilder()
        .setPid(launched.pid())
        .setPlanDigest(created.digest().toString())
        .setAttachSocket(created.container().dir().attachSocket().toString())
        .setStarted(started)
        .addAllNotes(created.plan().notes())
        .setTimes(
            PhaseTimes.newBuilder()
                .setCompileNs(created.compileNs())
                .setSpawnNs(launched.spawnNs())
                .setHostNs(launched.hostNs())
                .setParentNs(launched.parentNs())
                .setContainerNs(launched.containerNs()))
        .build();
  }

  static WaitExitResponse exit(Container container, Exit exit) {
    return WaitExitResponse.newBuilder()
        .setExited(true)
        .setExitCode(exit.code())
        .setSignal(exit.signal())
        .setOomKilled(exit.oomKilled())
        .setMemoryPeakBytes(exit.memoryPeak())
        .setMemoryLimitBytes(exit.memoryLimit())
        .setStartedAtNs(container.startedAtNs())
        .setExitedAtNs(exit.atNs())
        .setReason(exit.reason())
        .build();
  }

  static WaitExitResponse exit(ExitRecord exit) {
    return WaitExitResponse.newBuilder()
        .setExited(true)
        .setExitCode(exit.code())
        .setSignal(exit.signal())
        .setExitedAtNs(exit.atNs())
        .build();
  }

  static ContainerState state(Container container) {
    ContainerRecord entry = container.entry();
    Container.Status status = container.status();
    boolean stopped = status == Container.Status.STOPPED;
    ContainerState.Builder state =
        ContainerState.newBuilder()
            .setId(entry.id())
            .setStatus(status(status))
            .setPid(stopped ? 0 : container.pids().pid())
            .setMonitorPid(stopped ? 0 : container.pids().monitor())
            .setBundle(entry.bundle())
            .putAllAnnotations(entry.annotations())
            .setPlanDigest(entry.planDigest())
            .setAttachSocket(container.dir().attachSocket().toString())
            .setLogPath(entry.logPath())
            .setCreatedAtNs(entry.createdAtNs())
            .setStartedAtNs(container.startedAtNs())
            .setTty(entry.tty());
    if (stopped) {
      state.setExit(exit(container, container.exit().join()));
    }
    return state.build();
  }
}
