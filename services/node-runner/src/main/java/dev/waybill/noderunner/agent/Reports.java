package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.node.ContainerCleaned;
import dev.waybill.contracts.node.ContainerCreated;
import dev.waybill.contracts.node.ContainerExited;
import dev.waybill.contracts.node.ContainerStartFailed;
import dev.waybill.contracts.node.ContainerStarted;
import dev.waybill.contracts.node.Health;
import dev.waybill.contracts.node.HealthChanged;
import dev.waybill.contracts.node.ImageCached;
import dev.waybill.contracts.node.LaunchTimes;
import dev.waybill.contracts.node.OomKilled;
import dev.waybill.contracts.runner.v1.ContainerState;
import dev.waybill.contracts.runner.v1.CreateResponse;
import dev.waybill.contracts.runner.v1.PhaseTimes;
import dev.waybill.contracts.runner.v1.WaitExitResponse;
import dev.waybill.noderunner.imagecache.CacheOutcome;
import dev.waybill.noderunner.imagecache.CachedImage;
import java.util.concurrent.TimeUnit;

/** What is reported about one container, as its record is now. */
final class Reports {
  private final NodeParts node;
  private final ContainerRecord record;

  /** What the runner said of a container that runs; times are unknown for one that was adopted. */
  record Launched(String planDigest, long pid, LaunchTimes times) {
    static Launched of(CreateResponse created) {
      PhaseTimes measured = created.getTimes();
      return new Launched(
          created.getPlanDigest(),
          created.getPid(),
          LaunchTimes.newBuilder()
              .setCompileNs(measured.getCompileNs())
              .setSpawnNs(measured.getSpawnNs())
              .setHostNs(measured.getHostNs())
              .setParentNs(measured.getParentNs())
              .setContainerNs(measured.getContainerNs())
              .setStartNs(measured.getStartNs())
              .build());
    }

    static Launched of(ContainerState adopted) {
      return new Launched(
          adopted.getPlanDigest(), adopted.getPid(), LaunchTimes.getDefaultInstance());
    }
  }

  Reports(NodeParts node, ContainerRecord record) {
    this.node = node;
    this.record = record;
  }

  void cached(CachedImage image, CacheOutcome.Fetched fetched) {
    node.journal().report(record, "image", cached(node.nodeId(), image, fetched));
  }

  static ImageCached cached(String nodeId, CachedImage image, CacheOutcome.Fetched fetched) {
    return ImageCached.newBuilder()
        .setNodeId(nodeId)
        .setDigest(image.digest().toString())
        .setFetchedBytes(fetched.bytes())
        .setUnpackedLayers(fetched.layers())
        .setDurationMs(fetched.took().toMillis())
        .build();
  }

  void started(Launched launched, String configDigest, boolean awaitsHealth) {
    AttachAssigned attach = record.attach();
    node.journal()
        .report(
            record,
            "start",
            ContainerCreated.newBuilder()
                .setContainerId(record.id())
                .setNodeId(node.nodeId())
                .setPlanDigest(launched.planDigest())
                .setConfigDigest(configDigest)
                .setPid(launched.pid())
                .setTimes(launched.times())
                .build(),
            ContainerStarted.newBuilder()
                .setContainerId(record.id())
                .setNodeId(node.nodeId())
                .setPid(launched.pid())
                .setAddress(attach == null ? "" : attach.getAddress())
                .setAwaitsHealth(awaitsHealth)
                .build());
  }

  void startFailed(int exitCode, boolean retryable, String message) {
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
  }

  void ended(WaitExitResponse how) {
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
    String step = "end-" + record.starts();
    if (!how.getOomKilled()) {
      node.journal().report(record, step, exited);
      return;
    }
    var oom =
        OomKilled.newBuilder()
            .setContainerId(record.id())
            .setNodeId(node.nodeId())
            .setLimitBytes(how.getMemoryLimitBytes())
            .setPeakBytes(how.getMemoryPeakBytes())
            .build();
    node.journal().report(record, step, exited, oom);
  }

  void health(Health health, String message) {
    node.journal()
        .note(
            node.ids().next(),
            HealthChanged.newBuilder()
                .setContainerId(record.id())
                .setNodeId(node.nodeId())
                .setHealth(health)
                .setMessage(message)
                .build());
  }

  void cleaned() {
    node.journal()
        .report(
            record,
            "remove",
            ContainerCleaned.newBuilder()
                .setContainerId(record.id())
                .setNodeId(node.nodeId())
                .build());
  }
}
