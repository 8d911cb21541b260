package dev.waybill.eventlog;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Watches sequence numbers and says when some are missing, instead of silence. For a reader that
 * sees every topic of a source; a reader of one topic of several sees gaps that are none.
 */
public final class GapDetector {
  private final Map<String, Long> lastBySource = new TreeMap<>();

  /** Events of a source that should be there and aren't; both numbers inclusive. */
  public record GapDetected(String source, long firstMissing, long lastMissing) {}

  /** Takes note of an event; gives the gap before it, if there is one. */
  public Optional<GapDetected> next(Event event) {
    long last = lastBySource.getOrDefault(event.source(), 0L);
    if (event.sequence() <= last) {
      return Optional.empty();
    }
    lastBySource.put(event.source(), event.sequence());
    return event.sequence() == last + 1
        ? Optional.empty()
        : Optional.of(new GapDetected(event.source(), last + 1, event.sequence() - 1));
  }
}
