package dev.waybill.image.ingest;

import dev.waybill.oci.image.ImageLimits;
import dev.waybill.registryclient.ConnectionLimits;
import java.time.Duration;

/**
 * Upper bounds for pulls.
 *
 * @param image of documents and layers
 * @param layerFetchesMax blobs that are fetched at once, over all pulls
 * @param attemptsMax how often a request is made before we give up, 1 or more
 * @param breaksMax how often one download may break off
 * @param redirectsMax hops from the registry to the bytes
 * @param retryDelay before the second attempt; it doubles with each one
 * @param retryAfterMax the longest that a registry can ask us to stay away
 * @param connectTimeout until a registry takes the connection
 * @param answerTimeout until it begins to answer
 * @param stallTimeout without a byte after which a download counts as broken off
 */
public record PullLimits(
    ImageLimits image,
    int layerFetchesMax,
    int attemptsMax,
    int breaksMax,
    int redirectsMax,
    Duration retryDelay,
    Duration retryAfterMax,
    Duration connectTimeout,
    Duration answerTimeout,
    Duration stallTimeout) {

  /** What the service uses unless it is told otherwise. */
  public static final PullLimits DEFAULT =
      new PullLimits(
          ImageLimits.DEFAULT,
          6,
          4,
          10,
          5,
          Duration.ofMillis(200),
          Duration.ofMinutes(1),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30));

  /** The part of them that holds for each request. */
  ConnectionLimits connection() {
    return new ConnectionLimits(
        attemptsMax,
        redirectsMax,
        retryDelay,
        retryAfterMax,
        connectTimeout,
        answerTimeout,
        stallTimeout);
  }
}
