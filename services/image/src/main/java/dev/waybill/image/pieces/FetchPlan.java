package dev.waybill.image.pieces;

import dev.waybill.kernel.Digest;
import java.util.List;

/**
 * How a layer is put together: all its bytes before the tail, in order.
 *
 * @param steps one after another
 */
public record FetchPlan(List<Step> steps) {
  public FetchPlan {
    steps = List.copyOf(steps);
  }

  /** The next bytes of the layer. */
  public sealed interface Step {
    /** How many. */
    long length();

    /** They are very likely in a layer that is here. */
    record Copy(Digest blob, long offset, long length) implements Step {}

    /** They come from the registry: the layer's own bytes from {@code offset} on. */
    record Fetch(long offset, long length) implements Step {}
  }

  /** Bytes that are fetched. */
  public long fetchedBytes() {
    return steps.stream().filter(Step.Fetch.class::isInstance).mapToLong(Step::length).sum();
  }

  /** Bytes that are taken from layers that are here. */
  public long copiedBytes() {
    return steps.stream().filter(Step.Copy.class::isInstance).mapToLong(Step::length).sum();
  }

  /** Ranges that are asked for. */
  public long requests() {
    return steps.stream().filter(Step.Fetch.class::isInstance).count();
  }
}
