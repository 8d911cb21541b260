package dev.waybill.image.edge;

import dev.waybill.contracts.Topic;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.contracts.workload.WorkloadRemoved;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Reference;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The manifests that something needs, told from the log: those of containers that weren't removed,
 * whatever state they are in, and of every version that a workload ever had while it exists, since
 * a rollback may ask for it. The order of events of different topics doesn't matter.
 */
final class NeededImages {
  private static final int PAGE = 10_000;

  private final Map<String, ContainerRequested> containers = new HashMap<>();
  private final Set<String> removed = new HashSet<>();
  private final Map<String, String> scheduled = new HashMap<>();
  private final Map<String, String> pulled = new HashMap<>();
  private final Map<String, Set<Digest>> workloads = new HashMap<>();

  /** Reads the log from its start: asking this is rare, and knowing it all the time is not free. */
  static Set<Digest> on(EventLog log) {
    NeededImages needed = new NeededImages();
    List<Partition> partitions =
        Stream.of(Topic.WORKLOADS, Topic.SCHEDULING, Topic.IMAGES)
            .flatMap(topic -> log.partitions(topic).stream())
            .toList();
    log.committedEnds(partitions).forEach((partition, end) -> needed.read(log, partition, end));
    return needed.digests();
  }

  private void read(EventLog log, Partition partition, long end) {
    for (long at = 0; at < end; at += PAGE) {
      for (Recorded recorded : log.read(partition, at, Math.min(end, at + PAGE))) {
        with(recorded.event());
      }
    }
  }

  void with(Event event) {
    switch (event.payload().orElse(null)) {
      case ContainerRequested e -> containers.put(e.getContainerId(), e);
      case ContainerScheduled e -> scheduled.put(e.getContainerId(), e.getImageDigest());
      case ContainerRemoved e -> removed.add(e.getContainerId());
      case ImagePulled e -> pulled.put(e.getRequestId(), e.getDigest());
      case WorkloadApplied e ->
          workloads
              .computeIfAbsent(key(e.getNamespace(), e.getName()), _ -> new TreeSet<>())
              .addAll(pinned(e.getSpec().getImage()).stream().toList());
      case WorkloadRemoved e -> workloads.remove(key(e.getNamespace(), e.getName()));
      case null, default -> {
        // What else is there needs no image.
      }
    }
  }

  Set<Digest> digests() {
    Set<Digest> needed = new TreeSet<>();
    workloads.values().forEach(needed::addAll);
    for (ContainerRequested container : containers.values()) {
      boolean exists = !removed.contains(container.getContainerId());
      boolean mayRollBack =
          workloads.containsKey(key(container.getNamespace(), container.getWorkload()));
      if (exists || mayRollBack) {
        Stream.of(
                Optional.ofNullable(scheduled.get(container.getContainerId())),
                Optional.ofNullable(pulled.get(container.getImageRequestId())))
            .flatMap(Optional::stream)
            .filter(text -> !text.isEmpty())
            .map(Digest::parse)
            .forEach(needed::add);
      }
    }
    return needed;
  }

  private static Optional<Digest> pinned(String image) {
    try {
      return Optional.ofNullable(Reference.parse(image).digest());
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // It was refused for that, and pins nothing.
    }
  }

  private static String key(String namespace, String workload) {
    return namespace + "/" + workload;
  }
}
