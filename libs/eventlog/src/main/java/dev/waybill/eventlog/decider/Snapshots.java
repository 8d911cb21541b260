package dev.waybill.eventlog.decider;

import com.google.protobuf.ByteString;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.snapshot.DeciderSnapshot;
import dev.waybill.contracts.snapshot.InputPosition;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.InputRuns;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.kernel.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.pcollections.TreePMap;

/** Folds as snapshot messages and back. */
public final class Snapshots {
  private Snapshots() {}

  /** The message for a fold right after an output: no input may be pending. */
  public static <S> DeciderSnapshot of(Fold<S> fold, StateCodec<S> codec) {
    if (!fold.pending().equals(InputRuns.NONE)) {
      throw new IllegalArgumentException("inputs are pending: " + fold.pending());
    }
    byte[] state = codec.encode(fold.state());
    var snapshot =
        DeciderSnapshot.newBuilder()
            .setDecider(fold.decider().name())
            .setDeciderVersion(fold.decider().version())
            .setLastSequence(fold.lastSequence())
            .setClockMicros(ChronoUnit.MICROS.between(Instant.EPOCH, fold.clock()))
            .setState(ByteString.copyFrom(state))
            .setStateHash(ByteString.copyFrom(HexFormat.of().parseHex(Digest.of(state).hex())));
    fold.next().forEach((partition, next) -> snapshot.addPositions(position(partition, next)));
    return snapshot.build();
  }

  private static InputPosition position(Partition partition, long next) {
    return InputPosition.newBuilder()
        .setTopic(partition.topic().topicName())
        .setPartition(partition.number())
        .setNextOffset(next)
        .build();
  }

  /** The fold of a message that this decider made in this version. */
  public static <S> Fold<S> restore(
      DeciderSnapshot snapshot, Decider<S> decider, String source, StateCodec<S> codec) {
    TreePMap<Partition, Long> next = TreePMap.empty();
    for (InputPosition position : snapshot.getPositionsList()) {
      var partition = new Partition(Topic.of(position.getTopic()), position.getPartition());
      next = next.plus(partition, position.getNextOffset());
    }
    return new Fold<>(
        decider,
        source,
        codec.decode(snapshot.getState().toByteArray()),
        Instant.EPOCH.plus(snapshot.getClockMicros(), ChronoUnit.MICROS),
        snapshot.getLastSequence(),
        next,
        InputRuns.NONE);
  }

  /** All snapshots of a decider in this version that the log still holds, oldest first. */
  public static List<DeciderSnapshot> of(EventLog log, Decider<?> decider) {
    return log.partitions(Topic.SNAPSHOTS).stream()
        .flatMap(partition -> log.read(partition, 0, log.end(partition)).stream())
        .map(Snapshots::payload)
        .flatMap(Optional::stream)
        .filter(snapshot -> snapshot.getDecider().equals(decider.name()))
        .filter(snapshot -> snapshot.getDeciderVersion() == decider.version())
        .toList();
  }

  /** The newest fold that a snapshot gives, or the initial one. */
  public static <S> Fold<S> newest(
      EventLog log, Decider<S> decider, String source, StateCodec<S> codec) {
    List<DeciderSnapshot> kept = of(log, decider);
    return kept.isEmpty()
        ? Fold.initial(decider, source)
        : restore(kept.getLast(), decider, source, codec);
  }

  private static Optional<DeciderSnapshot> payload(Recorded recorded) {
    return recorded
        .event()
        .payload()
        .filter(DeciderSnapshot.class::isInstance)
        .map(DeciderSnapshot.class::cast);
  }
}
