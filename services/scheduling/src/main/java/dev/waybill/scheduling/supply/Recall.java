package dev.waybill.scheduling.supply;

import dev.waybill.contracts.registry.ImageRecalled;

/**
 * A recall in force.
 *
 * @param waves of evictions that were begun
 * @param finished nothing is left to evict
 */
public record Recall(ImageRecalled recalled, int waves, boolean finished) {
  /** It means this manifest. */
  public boolean means(String digest) {
    return recalled.getDigestsList().contains(digest);
  }
}
