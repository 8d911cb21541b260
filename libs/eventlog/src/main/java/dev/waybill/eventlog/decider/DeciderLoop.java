package dev.waybill.eventlog.decider;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.CausalCursor;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.Writer;
import dev.waybill.kernel.IdSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The shell around a decider: read, decide, append, go on.
 *
 * <p>Outputs of a batch of inputs are one atomic append. When that fails, the loop's state is of no
 * worth and it ends with the exception; whoever runs it starts a new one, which recovers from the
 * log. A second loop of the same source fences the first.
 */
public final class DeciderLoop<S> implements AutoCloseable {
  private static final Duration TURN = Duration.ofMillis(50);
  private static final int OUTPUTS_BETWEEN_SNAPSHOTS = 500;

  private final EventLog log;
  private final Decider<S> decider;
  private final StateCodec<S> codec;
  private final Observer<S> observer;
  private final InstantSource clock;
  private final IdSource ids;
  private final Writer writer;
  private final Writer snapshots;
  private final Cursor cursor;
  private final Consumer<List<Recorded>> appended;
  private volatile Fold<S> fold;

  /** The fold right after the newest output: what a snapshot may show. */
  private Fold<S> settled;

  private volatile boolean stopping;
  private long snapshotAt;

  /** What a loop is made of. */
  public record Parts<S>(
      EventLog log,
      Decider<S> decider,
      Class<S> stateType,
      String source,
      Observer<S> observer,
      InstantSource clock,
      IdSource ids,
      Consumer<List<Recorded>> appended) {}

  /** Takes the pen and recovers; earlier loops of the same source are fenced from here on. */
  public DeciderLoop(Parts<S> parts) {
    this.log = parts.log();
    this.decider = parts.decider();
    this.codec = new StateCodec<>(parts.stateType());
    this.observer = parts.observer();
    this.clock = parts.clock();
    this.ids = parts.ids();
    this.appended = parts.appended();
    this.writer = log.openWriter(parts.source(), decider.outputs());
    this.snapshots = log.openWriter(parts.source() + "/snapshots", Set.of(Topic.SNAPSHOTS));
    Fold<S> kept = Snapshots.newest(log, decider, parts.source(), codec);
    this.snapshotAt = kept.lastSequence();
    this.fold = Recovery.recover(log, kept);
    this.settled = fold;
    this.cursor = new CausalCursor(log, positions());
  }

  private Map<Partition, Long> positions() {
    var from = new HashMap<Partition, Long>();
    for (Topic topic : new TreeSet<>(decider.inputs())) {
      for (Partition partition : log.partitions(topic)) {
        from.put(partition, fold.next().getOrDefault(partition, 0L));
      }
    }
    return from;
  }

  /** Runs until {@link #stop()}, or until the log refuses. */
  public void run() {
    while (!stopping) {
      turn(cursor.poll(TURN));
    }
    snapshot();
  }

  /** One turn on what there is now, without waiting: how a simulation drives it. */
  public void step() {
    turn(cursor.poll(Duration.ZERO));
  }

  /** One turn: all that these inputs and the clock lead to, in one append. */
  private void turn(List<Recorded> inputs) {
    Fold<S> at = fold;
    Fold<S> lastDecision = settled;
    var outputs = new ArrayList<Draft>();
    for (Recorded input : inputs) {
      Fold.Step<S> step = at.feed(input);
      at = step.after();
      lastDecision = step.outputs().isEmpty() ? lastDecision : at;
      outputs.addAll(step.outputs());
    }
    Instant now = clock.instant();
    for (Message observed : observer.observe(at.state(), now)) {
      Fold.Step<S> step = at.observe(observation(observed, now));
      at = step.after();
      lastDecision = at;
      outputs.addAll(step.outputs());
    }
    if (!outputs.isEmpty()) {
      List<Recorded> records = writer.append(outputs);
      at = at.appended(records);
      settled = lastDecision.appended(records);
      appended.accept(records);
    }
    fold = at;
    if (at.lastSequence() - snapshotAt >= OUTPUTS_BETWEEN_SNAPSHOTS) {
      snapshot();
    }
  }

  private Draft observation(Message observed, Instant now) {
    String id = ids.next();
    return Draft.fact(id, observed, now, Lineage.origin(id, "system/" + decider.name(), null));
  }

  /** Keeps the state as of the newest output, for faster starts and for a replay to check. */
  public void snapshot() {
    if (fold.lastSequence() == snapshotAt) {
      return;
    }
    String id = ids.next();
    snapshots.append(
        List.of(
            Draft.fact(
                id,
                Snapshots.of(settled, codec),
                clock.instant(),
                Lineage.origin(id, "system/" + decider.name(), null))));
    snapshotAt = fold.lastSequence();
  }

  /** The state now; safe to read from any thread. */
  public S state() {
    return fold.state();
  }

  /** Lets {@link #run()} end after the turn under way. */
  public void stop() {
    stopping = true;
    cursor.wakeup();
  }

  @Override
  public void close() {
    cursor.close();
    writer.close();
    snapshots.close();
  }
}
