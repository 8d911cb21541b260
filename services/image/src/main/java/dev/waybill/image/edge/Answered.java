package dev.waybill.image.edge;

import dev.waybill.contracts.image.ImageArriving;
import dev.waybill.contracts.image.ImageDeleted;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.image.ImageRequested;
import dev.waybill.contracts.image.ImagesPruned;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which requests have their answer, and which are said to be under way. */
final class Answered {
  private static final int PAGE = 10_000;

  private final Set<String> answered = ConcurrentHashMap.newKeySet();
  private final Set<String> announced = new HashSet<>();
  private final Set<String> arrivals = ConcurrentHashMap.newKeySet();

  /** Reads it back from the log, from this offset of {@code waybill.images} on. */
  static Answered from(EventLog log, Partition images, long offset) {
    Answered known = new Answered();
    long end = log.end(images);
    for (long at = offset; at < end; at += PAGE) {
      for (Recorded recorded : log.read(images, at, Math.min(end, at + PAGE))) {
        known.add(recorded.event());
      }
    }
    return known;
  }

  private void add(Event event) {
    switch (event.payload().orElse(null)) {
      case ImagePulled pulled -> answered.add(pulled.getRequestId());
      case ImagePullFailed failed -> answered.add(failed.getRequestId());
      case ImageArriving arriving -> arrivals.add(arriving.getRequestId());
      case ImageRequested requested -> announced.add(requested.getRequestId());
      case ImageDeleted _, ImagesPruned _ ->
          answered.add(String.valueOf(event.lineage().causationId()));
      case null, default -> {
        // What else is there answers nobody.
      }
    }
  }

  /** Whether this is the first time that somebody wants to answer this request. */
  boolean claim(String request) {
    return answered.add(request);
  }

  /** Whether this is the first time that somebody wants to say that its image arrives. */
  boolean claimArrival(String request) {
    return arrivals.add(request);
  }

  /** Whether the log says already that the request is under way. */
  boolean isAnnounced(String request) {
    return announced.contains(request);
  }
}
