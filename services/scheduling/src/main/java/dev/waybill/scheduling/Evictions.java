package dev.waybill.scheduling;

import dev.waybill.contracts.container.EvictionFinished;
import dev.waybill.contracts.container.EvictionWaveStarted;
import dev.waybill.contracts.container.StopReason;
import dev.waybill.scheduling.container.Container;
import dev.waybill.scheduling.container.Phase;
import dev.waybill.scheduling.supply.Recall;
import java.util.Comparator;
import java.util.List;

/** Ends what runs from a recalled image, one wave after the other. */
final class Evictions {
  /** First places of all workloads before second ones: none is emptied while others are whole. */
  private static final Comparator<Container> ORDER =
      Comparator.<Container>comparingInt(c -> c.request().getSlot())
          .thenComparing(Container::workloadKey)
          .thenComparing(Container::id);

  private Evictions() {}

  static void advance(Turn turn) {
    for (Recall recall : List.copyOf(turn.state().supply().recalls().values())) {
      if (recall.recalled().getEvict() && !recall.finished()) {
        advance(turn, recall);
      }
    }
  }

  private static void advance(Turn turn, Recall recall) {
    List<Container> affected =
        turn.state().containers().values().stream()
            .filter(c -> c.phase().isOnNode() && recall.means(c.imageDigest()))
            .sorted(ORDER)
            .toList();
    if (affected.isEmpty()) {
      turn.decide(
          EvictionFinished.newBuilder()
              .setDigest(recall.recalled().getDigest())
              .setWaves(recall.waves())
              .build());
    } else if (affected.stream().noneMatch(c -> c.phase() == Phase.STOPPING)) {
      wave(turn, recall, affected);
    }
  }

  private static void wave(Turn turn, Recall recall, List<Container> affected) {
    List<Container> now =
        affected.stream().limit(Math.max(1, recall.recalled().getWaveSize())).toList();
    turn.decide(
        EvictionWaveStarted.newBuilder()
            .setDigest(recall.recalled().getDigest())
            .setWave(recall.waves() + 1)
            .addAllContainerIds(now.stream().map(Container::id).toList())
            .setRemaining(affected.size() - now.size())
            .build());
    now.forEach(c -> Stops.stop(turn, c, StopReason.STOP_REASON_RECALLED, Stops.graceMs(c)));
  }
}
