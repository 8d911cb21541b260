package dev.waybill.image.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What can be done with a repository. */
public enum Action {
  PULL,
  PUSH,
  DELETE;

  /** As the distribution API writes it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Action> of(String word) {
    return Arrays.stream(values()).filter(action -> action.word().equals(word)).findFirst();
  }
}
