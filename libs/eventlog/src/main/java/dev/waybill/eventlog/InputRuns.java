package dev.waybill.eventlog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which inputs a decider consumed, in order: {@code waybill.nodes/0:5-7,waybill.images/0:3}.
 *
 * <p>Kept on each output of a decider for the inputs since its previous output. A replay that
 * follows the runs meets the inputs in exactly the first run's order, and a restart knows where to
 * go on: the log itself is the place where positions are kept.
 */
public record InputRuns(List<Run> runs) {
  /** Nothing consumed. */
  public static final InputRuns NONE = new InputRuns(List.of());

  /** Consecutively consumed events of one partition; both offsets inclusive. */
  public record Run(Partition partition, long first, long last) {
    @Override
    public String toString() {
      return first == last ? partition + ":" + first : partition + ":" + first + "-" + last;
    }
  }

  public InputRuns {
    runs = List.copyOf(runs);
  }

  /** Reads the text form; the inverse of {@link #toString()}. */
  public static InputRuns parse(String text) {
    if (text.isEmpty()) {
      return NONE;
    }
    return new InputRuns(Arrays.stream(text.split(",", -1)).map(InputRuns::parseRun).toList());
  }

  private static Run parseRun(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("not a run of inputs, expected TOPIC/N:OFFSET: " + text);
    }
    String[] offsets = text.substring(colon + 1).split("-", 2);
    long first = Long.parseLong(offsets[0]);
    long last = offsets.length == 1 ? first : Long.parseLong(offsets[1]);
    return new Run(Partition.parse(text.substring(0, colon)), first, last);
  }

  /** These and one more; a neighbour of the last run makes it longer. */
  public InputRuns plus(Partition partition, long offset) {
    var more = new ArrayList<>(runs);
    if (!more.isEmpty()) {
      Run last = more.getLast();
      if (last.partition().equals(partition) && last.last() + 1 == offset) {
        more.set(more.size() - 1, new Run(partition, last.first(), offset));
        return new InputRuns(more);
      }
    }
    more.add(new Run(partition, offset, offset));
    return new InputRuns(more);
  }

  @Override
  public String toString() {
    return runs.stream().map(Run::toString).collect(Collectors.joining(","));
  }
}
