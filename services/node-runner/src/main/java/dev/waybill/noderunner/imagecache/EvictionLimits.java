package dev.waybill.noderunner.imagecache;

import java.time.Duration;

/**
 * When images are removed from a disk that fills up.
 *
 * @param highPercent of the disk that are taken: above, images go
 * @param lowPercent at which it is enough; not above {@code highPercent}
 * @param keptAfterUse how long an image stays in any case
 */
public record EvictionLimits(int highPercent, int lowPercent, Duration keptAfterUse) {
  public EvictionLimits {
    if (lowPercent < 0 || lowPercent > highPercent || highPercent > 100) {
      throw new IllegalArgumentException(
          "images go above %d %% of the disk down to %d %%: use 0 to 100, the lower one second"
              .formatted(highPercent, lowPercent));
    }
  }
}
