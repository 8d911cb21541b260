package dev.waybill.image.access;

import dev.waybill.image.catalog.Actor;
import java.util.List;
import java.util.Optional;

/**
 * Somebody at the registry.
 *
 * @param actor who it is
 * @param scopes what they may do; absent where they may do everything
 */
public record Caller(Actor actor, Optional<List<Scope>> scopes) {

  public Caller {
    scopes = scopes.map(List::copyOf);
  }

  /** Somebody who may do everything. */
  public static Caller unlimited(Actor actor) {
    return new Caller(actor, Optional.empty());
  }

  /** The same person with no more than these scopes, nor more than they had. */
  public Caller limitedTo(List<Scope> wanted) {
    return new Caller(actor, Optional.of(wanted.stream().filter(this::may).toList()));
  }

  /** Whether they may do this. */
  public boolean may(Scope wanted) {
    return scopes.isEmpty() || scopes.get().stream().anyMatch(scope -> scope.allows(wanted));
  }

  /** Whether they may do whatever there is. */
  public boolean mayEverything() {
    return scopes.isEmpty();
  }
}
