package dev.waybill.noderunner.imagecache;

import dev.waybill.oci.image.ImageLimits;
import java.time.Duration;

/**
 * Upper bounds for fetching images to this host.
 *
 * @param image of documents and layers
 * @param layersAtOnceMax layers that are unpacked at once, over all images
 * @param breaksMax how often one download may break off
 * @param answerTimeout until the registry begins to answer
 * @param stallTimeout without a byte after which a download counts as broken off
 */
public record CacheLimits(
    ImageLimits image,
    int layersAtOnceMax,
    int breaksMax,
    Duration answerTimeout,
    Duration stallTimeout) {
  /** What nodes use unless they are told otherwise. */
  public static final CacheLimits DEFAULT =
      new CacheLimits(ImageLimits.DEFAULT, 4, 5, Duration.ofSeconds(30), Duration.ofSeconds(30));
}
