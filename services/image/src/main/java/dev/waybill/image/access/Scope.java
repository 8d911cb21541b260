package dev.waybill.image.access;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Actions on one repository, written {@code repository:NAME:pull,push}.
 *
 * @see <a href="https://distribution.github.io/distribution/spec/auth/scope/">Token scope</a>
 */
public record Scope(String repository, Set<Action> actions) {
  private static final String TYPE = "repository:";

  public Scope {
    actions = Collections.unmodifiableSet(EnumSet.copyOf(actions));
  }

  /** One action on one repository. */
  public static Scope of(String repository, Action action) {
    return new Scope(repository, Set.of(action));
  }

  /** Those of a list with spaces that are about repositories; nobody is granted the others. */
  public static List<Scope> parse(String text) {
    List<Scope> scopes = new ArrayList<>();
    for (String word : text.split(" ", -1)) {
      one(word).ifPresent(scopes::add);
    }
    return scopes;
  }

  private static Optional<Scope> one(String word) {
    int end = word.lastIndexOf(':');
    if (!word.startsWith(TYPE) || end <= TYPE.length()) {
      return Optional.empty();
    }
    Set<Action> actions = EnumSet.noneOf(Action.class);
    for (String name : word.substring(end + 1).split(",", -1)) {
      if (name.equals("*")) {
        actions.addAll(EnumSet.allOf(Action.class));
      }
      Action.of(name).ifPresent(actions::add);
    }
    return actions.isEmpty()
        ? Optional.empty()
        : Optional.of(new Scope(word.substring(TYPE.length(), end), actions));
  }

  boolean allows(Scope wanted) {
    return repository.equals(wanted.repository) && actions.containsAll(wanted.actions);
  }

  @Override
  public String toString() {
    return TYPE
        + repository
        + ":"
        + actions.stream().map(Action::word).collect(Collectors.joining(","));
  }
}
