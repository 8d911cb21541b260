package dev.waybill.cli.compose;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A restart policy as {@code no}, {@code always}, {@code unless-stopped} or {@code on-failure[:N]}.
 */
public record RestartWish(String condition, int attempts) {
  /**
   * @throws IllegalArgumentException if it is none
   */
  public static RestartWish parse(String text) {
    String[] parts = text.split(":", 2);
    int attempts =
        parts.length == 2 && parts[1].matches("\\d{1,6}") ? Integer.parseInt(parts[1]) : 0;
    return switch (parts[0]) {
      case "no", "false" -> new RestartWish("NEVER", 0);
      case "always", "unless-stopped" -> new RestartWish("ALWAYS", 0);
      case "on-failure" -> new RestartWish("ON_FAILURE", attempts);
      default ->
          throw new IllegalArgumentException(
              "restart '%s' must be no, always, unless-stopped or on-failure[:N]".formatted(text));
    };
  }

  /** Fills a request's policy. */
  public void into(ObjectNode restart) {
    restart.put("condition", "RESTART_CONDITION_" + condition).put("maxAttempts", attempts);
  }
}
