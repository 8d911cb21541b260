package dev.waybill.scheduling.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.container.NodeLivenessObserved;
import dev.waybill.contracts.container.TimerFired;
import dev.waybill.contracts.container.TimerSet;
import dev.waybill.contracts.node.NodeHeartbeat;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.decider.Observer;
import dev.waybill.scheduling.SchedulingState;
import dev.waybill.scheduling.node.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Scheduling's eyes on time: alarms that are due, and nodes whose heartbeats stop or come back.
 * Heartbeats are no part of the audit log; what is concluded from them is.
 */
final class Clockwork implements Observer<SchedulingState>, AutoCloseable {
  private final Cursor heartbeats;
  private final Duration lostAfter;
  private final Instant openedAt;
  private final Map<String, Instant> lastSeen = new TreeMap<>();

  /**
   * @param lostAfter silence after which a node is given up
   * @param now nodes not heard of yet are given that long from here
   */
  Clockwork(EventLog log, Duration lostAfter, Instant now) {
    this.lostAfter = lostAfter;
    this.openedAt = now;
    Map<Partition, Long> from = new TreeMap<>();
    log.partitions(Topic.HEARTBEATS).forEach(p -> from.put(p, log.end(p)));
    this.heartbeats = log.open(from);
  }

  @Override
  public List<Message> observe(SchedulingState state, Instant now) {
    readHeartbeats(now);
    var observed = new ArrayList<Message>();
    for (TimerSet timer : state.timers().values()) {
      if (timer.getDueMs() <= now.toEpochMilli()) {
        observed.add(
            TimerFired.newBuilder()
                .setTimerId(timer.getTimerId())
                .setPurpose(timer.getPurpose())
                .setSubject(timer.getSubject())
                .build());
      }
    }
    for (Node node : state.nodes().values()) {
      Instant seen = lastSeen.getOrDefault(node.id(), openedAt);
      boolean alive = seen.plus(lostAfter).isAfter(now);
      // One that was lost before we began to look is alive only once it is really heard of.
      boolean heard = lastSeen.containsKey(node.id());
      if (alive == node.lost() && (heard || !alive)) {
        observed.add(
            NodeLivenessObserved.newBuilder()
                .setNodeId(node.id())
                .setAlive(alive)
                .setLastSeenMs(seen.toEpochMilli())
                .build());
      }
    }
    return observed;
  }

  /** Seen when we read it: a node's own clock has no say in whether it is alive. */
  private void readHeartbeats(Instant now) {
    for (Recorded recorded : heartbeats.poll(Duration.ZERO)) {
      if (recorded.event().payload().orElse(null) instanceof NodeHeartbeat beat) {
        lastSeen.put(beat.getNodeId(), now);
      }
    }
  }

  @Override
  public void close() {
    heartbeats.close();
  }
}
