package dev.waybill.audit.history;

import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.Recorded;
import dev.waybill.fleet.Fleet;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Events in causal order, and what can be asked of them. */
public final class History {
  /** Causes followed at most: a longer chain would be a circle. */
  private static final int CHAIN_MAX = 10_000;

  private final List<Recorded> events;
  private final Map<String, Recorded> byId = new HashMap<>();

  public History(List<Recorded> events) {
    this.events = List.copyOf(events);
    events.forEach(recorded -> byId.putIfAbsent(recorded.event().id(), recorded));
  }

  /**
   * The subject that people mean: a whole one, {@code container/NAME}, {@code
   * container/START-OF-ID}, or a bare name of a container or workload; empty where nothing on the
   * log has it.
   */
  public Optional<String> subject(String text) {
    if (events.stream().anyMatch(recorded -> recorded.event().subject().equals(text))) {
      return Optional.of(text);
    }
    String name = text.startsWith("container/") ? text.substring("container/".length()) : text;
    return newestContainer(name)
        .or(() -> Optional.of("workload/" + name).filter(this::has))
        .or(() -> Optional.of("image/" + name).filter(this::has));
  }

  private boolean has(String subject) {
    return events.stream().anyMatch(recorded -> recorded.event().subject().equals(subject));
  }

  private Optional<String> newestContainer(String name) {
    return events.reversed().stream()
        .map(Recorded::event)
        .filter(
            event ->
                event.payload().orElse(null) instanceof ContainerRequested request
                    && (request.getName().equals(name)
                        || request.getContainerId().startsWith(name)))
        .map(Event::subject)
        .findFirst();
  }

  /** What happened to a subject, in order. */
  public List<Recorded> timeline(String subject) {
    return events.stream().filter(recorded -> recorded.event().subject().equals(subject)).toList();
  }

  /**
   * The chain of causes that led to a subject's being as it is, the request first. For a container
   * it ends with its creation, which names its launch plan, where there was one.
   */
  public List<Recorded> why(String subject) {
    List<Recorded> own = timeline(subject);
    Optional<Recorded> end =
        own.reversed().stream()
            .filter(recorded -> recorded.event().simpleType().equals("ContainerCreated"))
            .findFirst()
            .or(() -> own.isEmpty() ? Optional.empty() : Optional.of(own.getLast()));
    Deque<Recorded> chain = new ArrayDeque<>();
    Optional<Recorded> at = end;
    while (at.isPresent() && chain.size() < CHAIN_MAX) {
      chain.addFirst(at.get());
      at = cause(at.get());
    }
    return List.copyOf(chain);
  }

  private Optional<Recorded> cause(Recorded effect) {
    return Optional.ofNullable(effect.event().lineage().causationId()).map(byId::get);
  }

  /** The fleet as it was when everything appended until {@code at} had happened. */
  public Fleet stateAt(Instant at) {
    Fleet fleet = Fleet.EMPTY;
    for (Recorded recorded : events) {
      if (!recorded.appendedAt().isAfter(at)) {
        fleet = fleet.with(recorded.event());
      }
    }
    return fleet;
  }
}
