package dev.waybill.scheduling.placement;

import dev.waybill.contracts.container.Candidate;
import dev.waybill.contracts.container.FilteredNodes;
import dev.waybill.contracts.spec.Resources;
import dev.waybill.contracts.workload.Placement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Filters, scores and explains. Equal scores are settled by node id, so that a replay agrees. */
public final class Placer {
  /** How many candidates a decision records. */
  public static final int CANDIDATES_KEPT = 3;

  /**
   * What an image that a node fetches already is worth, in thousandths of a node: enough to settle
   * what is nearly equal, too little to fill a full node further.
   */
  static final long PREFETCH_SCORE_MILLIS = 100;

  private static final long MEBIBYTE = 1024 * 1024;

  /** What came of it; {@code candidates} is empty where no node will do. */
  public record Verdict(List<Candidate> candidates, List<FilteredNodes> filtered) {}

  /** A constraint that a node doesn't meet, and by how much. */
  private record Refusal(String constraint, String example) {}

  private Placer() {}

  /** Places one container that needs {@code wanted} on one of {@code rooms}. */
  public static Verdict place(Resources wanted, Placement placement, List<Room> rooms) {
    var candidates = new ArrayList<Candidate>();
    Map<String, FilteredNodes.Builder> filtered = new TreeMap<>();
    for (Room room : rooms) {
      Refusal refusal = refusal(wanted, room);
      if (refusal == null) {
        candidates.add(score(wanted, placement, room));
      } else {
        FilteredNodes.Builder count =
            filtered.computeIfAbsent(
                refusal.constraint(),
                constraint ->
                    FilteredNodes.newBuilder()
                        .setConstraint(constraint)
                        .setExample(refusal.example()));
        count.setNodes(count.getNodes() + 1);
      }
    }
    candidates.sort(
        Comparator.comparingLong(Candidate::getScoreMillis)
            .reversed()
            .thenComparing(Candidate::getNodeId));
    return new Verdict(
        List.copyOf(candidates.subList(0, Math.min(CANDIDATES_KEPT, candidates.size()))),
        filtered.values().stream().map(FilteredNodes.Builder::build).toList());
  }

  private static @Nullable Refusal refusal(Resources wanted, Room room) {
    if (!room.alive()) {
      return new Refusal("lost", room.nodeId() + " is not heard of");
    }
    if (!room.open()) {
      return new Refusal("cordoned", room.nodeId() + " takes no new containers");
    }
    long cpu = room.capacity().getCpuMillis() - room.promised().getCpuMillis();
    if (wanted.getCpuMillis() > cpu) {
      return shortage("cpu", room, wanted.getCpuMillis() + "m", cpu + "m");
    }
    long memory = room.capacity().getMemoryBytes() - room.promised().getMemoryBytes();
    if (wanted.getMemoryBytes() > memory) {
      return shortage("memory", room, mebibytes(wanted.getMemoryBytes()), mebibytes(memory));
    }
    long pids = room.capacity().getPids() - room.promised().getPids();
    if (wanted.getPids() > pids) {
      return shortage("pids", room, wanted.getPids() + "", pids + "");
    }
    return null;
  }

  private static Refusal shortage(String what, Room room, String needs, String free) {
    return new Refusal(what, "needs %s, %s has %s free".formatted(needs, room.nodeId(), free));
  }

  private static Candidate score(Resources wanted, Placement placement, Room room) {
    long cpu =
        share(
            room.promised().getCpuMillis() + wanted.getCpuMillis(), room.capacity().getCpuMillis());
    long memory =
        share(
            room.promised().getMemoryBytes() + wanted.getMemoryBytes(),
            room.capacity().getMemoryBytes());
    long used = (cpu + memory) / 2;
    // A node that fills evenly leaves no stranded rest of the other resource.
    long unevenness = Math.abs(cpu - memory) / 4;
    long score =
        placement == Placement.PLACEMENT_SPREAD
            ? 1000 - used / 10 - 1000L * room.replicasOfSame()
            : used - unevenness;
    return Candidate.newBuilder()
        .setNodeId(room.nodeId())
        .setScoreMillis(score + (room.prefetching() ? PREFETCH_SCORE_MILLIS : 0))
        .setExplanation(
            "cpu %d‰, memory %d‰ promised with it, %d of the same workload here%s"
                .formatted(
                    cpu,
                    memory,
                    room.replicasOfSame(),
                    room.prefetching() ? ", image fetched ahead" : ""))
        .build();
  }

  private static long share(long part, long whole) {
    return whole <= 0 ? 0 : Math.min(1000, part * 1000 / whole);
  }

  private static String mebibytes(long bytes) {
    return bytes / MEBIBYTE + " MiB";
  }
}
