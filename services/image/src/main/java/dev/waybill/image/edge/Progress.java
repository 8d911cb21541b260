package dev.waybill.image.edge;

import dev.waybill.eventlog.Partition;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far the inputs are answered, although answers come in another order than requests.
 *
 * <p>Safe for use by many threads.
 */
final class Progress {
  private final Map<Partition, SortedMap<Long, Long>> open = new TreeMap<>();
  private final Map<Partition, Long> next = new TreeMap<>();
  private long answers;

  Progress(Checkpoint from) {
    next.putAll(from.inputs());
    answers = from.answers();
  }

  /**
   * An input was read and waits for its answer.
   *
   * @param answersEnd the end of the answers at this moment: its own comes later
   */
  synchronized void begin(Partition partition, long offset, long answersEnd) {
    open.computeIfAbsent(partition, _ -> new TreeMap<>()).put(offset, answersEnd);
    passed(partition, offset);
    answers = answersEnd;
  }

  /** An input needs no answer. */
  synchronized void passed(Partition partition, long offset) {
    next.merge(partition, offset + 1, Math::max);
  }

  /** An input is answered. */
  synchronized void end(Partition partition, long offset) {
    SortedMap<Long, Long> waiting = open.get(partition);
    if (waiting != null) {
      waiting.remove(offset);
    }
  }

  synchronized Checkpoint checkpoint() {
    Map<Partition, Long> inputs = new TreeMap<>(next);
    long from = answers;
    for (Map.Entry<Partition, SortedMap<Long, Long>> entry : open.entrySet()) {
      if (!entry.getValue().isEmpty()) {
        inputs.put(entry.getKey(), entry.getValue().firstKey());
        from = Math.min(from, entry.getValue().firstEntry().getValue());
      }
    }
    return new Checkpoint(inputs, from);
  }
}
