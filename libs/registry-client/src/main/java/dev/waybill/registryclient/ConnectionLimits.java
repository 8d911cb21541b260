package dev.waybill.registryclient;

import java.time.Duration;

/**
 * Upper bounds for requests to registries.
 *
 * @param attemptsMax how often a request is made before we give up, 1 or more
 * @param redirectsMax hops from the registry to the bytes
 * @param retryDelay before the second attempt; it doubles with each one
 * @param retryAfterMax the longest that a registry can ask us to stay away
 * @param connectTimeout until a registry takes the connection
 * @param answerTimeout until it begins to answer
 * @param stallTimeout without a byte after which an answer counts as broken off
 */
public record ConnectionLimits(
    int attemptsMax,
    int redirectsMax,
    Duration retryDelay,
    Duration retryAfterMax,
    Duration connectTimeout,
    Duration answerTimeout,
    Duration stallTimeout) {

  /** For people and services that have no reason to ask for others. */
  public static final ConnectionLimits DEFAULT =
      new ConnectionLimits(
          4,
          5,
          Duration.ofMillis(200),
          Duration.ofMinutes(1),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30));
}
