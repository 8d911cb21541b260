package dev.waybill.platformapi.intent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * What a registry of the distribution project posts when something happened to it.
 *
 * @see <a href="https://distribution.github.io/distribution/about/notifications/">Notifications</a>
 */
public final class PushNotification {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PushNotification() {}

  /**
   * It tells of a push to this repository. What was pushed is not believed: the upstream itself is
   * asked, so a forged notification costs a look and nothing else.
   *
   * @param upstream repository with its registry host; a host that the registry gives itself may be
   *     another, so only the repository counts
   * @throws Problem.Raised if it is no notification
   */
  public static boolean concerns(String text, String upstream) {
    JsonNode events;
    try {
      events = JSON.readTree(text).path("events");
    } catch (JsonProcessingException e) {
      throw new Problem.Raised(Problem.invalid("the notification is not JSON"));
    }
    if (!events.isArray()) {
      throw new Problem.Raised(
          Problem.invalid("the notification has no 'events', send the envelope of a registry"));
    }
    String repository = upstream.substring(upstream.indexOf('/') + 1);
    for (JsonNode event : events) {
      if (event.path("action").asText().equals("push")
          && event.path("target").path("repository").asText().equals(repository)) {
        return true;
      }
    }
    return false;
  }
}
