package dev.waybill.image.catalog;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf something is done.
 *
 * @param name as the log names who asks, for example {@code user/admin}
 * @param cause id of the event on the log that asked for it; null where nothing there did
 */
public record Actor(String name, @Nullable String cause) {
  /** The service itself, for example when it cleans up. */
  public static final Actor SELF = new Actor("system/image");

  public Actor {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("an actor needs a name");
    }
  }

  /** Somebody who came to the registry. */
  public Actor(String name) {
    this(name, null);
  }

  /** The event that asked for it, if one did. */
  public Optional<String> causedBy() {
    return Optional.ofNullable(cause);
  }
}
