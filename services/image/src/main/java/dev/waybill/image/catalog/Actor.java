package dev.waybill.image.catalog;

/**
 * On whose behalf something is done.
 *
 * @param name as authentication knows it
 */
public record Actor(String name) {
  /** The service itself, for example when it cleans up. */
  public static final Actor SELF = new Actor("image");

  public Actor {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("an actor needs a name");
    }
  }
}
