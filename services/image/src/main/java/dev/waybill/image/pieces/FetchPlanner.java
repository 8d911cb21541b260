package dev.waybill.image.pieces;

import dev.waybill.image.pieces.FetchPlan.Step;
import dev.waybill.image.pieces.FetchPlan.Step.Copy;
import dev.waybill.image.pieces.FetchPlan.Step.Fetch;
import java.util.ArrayList;
import java.util.List;

/** Finds the pieces of a layer among those of layers that are here. */
public final class FetchPlanner {
  private final PieceTable wanted;
  private final List<HeldLayer> held;

  /** Where the last piece was found: the next one is likely to follow there. */
  private int layer;

  private int piece = -1;

  private FetchPlanner(PieceTable wanted, List<HeldLayer> held) {
    this.wanted = wanted;
    this.held = held;
  }

  /**
   * The plan for a layer. Few requests are better than few bytes: ranges that are near to each
   * other are asked for as one, and all the more so where there are too many.
   *
   * @param held layers that are here, the most similar ones first
   */
  public static FetchPlan plan(PieceTable wanted, List<HeldLayer> held, PieceLimits limits) {
    List<Step> steps = new FetchPlanner(wanted, held).steps();
    long join = limits.joinBytes();
    FetchPlan plan = new FetchPlan(joined(steps, join));
    while (plan.requests() > limits.requestsMax()) {
      join = Math.max(1, join * 2);
      plan = new FetchPlan(joined(steps, join));
    }
    return plan;
  }

  private List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      append(steps, find(i) ? copy() : new Fetch(wanted.start(i), wanted.length(i)));
    }
    return steps;
  }

  private Copy copy() {
    HeldLayer found = held.get(layer);
    return new Copy(found.blob(), found.table().start(piece), found.table().length(piece));
  }

  private boolean find(int own) {
    if (piece >= 0 && wanted.isSame(own, held.get(layer).table(), piece + 1)) {
      piece++;
      return true;
    }
    for (int i = 0; i < held.size(); i++) {
      // From where the last one was on: whoever reads one layer after another reads many.
      int candidate = (layer + i) % held.size();
      int found = held.get(candidate).table().find(wanted, own);
      if (found >= 0) {
        layer = candidate;
        piece = found;
        return true;
      }
    }
    return false;
  }

  private static void append(List<Step> steps, Step next) {
    Step last = steps.isEmpty() ? null : steps.getLast();
    if (last instanceof Fetch(var offset, var length) && next instanceof Fetch) {
      steps.set(steps.size() - 1, new Fetch(offset, length + next.length()));
    } else if (last instanceof Copy(var blob, var offset, var length)
        && next instanceof Copy copy
        && copy.blob().equals(blob)
        && copy.offset() == offset + length) {
      steps.set(steps.size() - 1, new Copy(blob, offset, length + copy.length()));
    } else {
      steps.add(next);
    }
  }

  /** The same, with what lies between two near ranges fetched along with them. */
  private static List<Step> joined(List<Step> steps, long join) {
    List<Step> joined = new ArrayList<>();
    int lastFetch = -1;
    long between = 0;
    for (Step step : steps) {
      if (step instanceof Fetch(var offset, var length)) {
        if (lastFetch >= 0 && between <= join) {
          long start = ((Fetch) joined.get(lastFetch)).offset();
          joined.subList(lastFetch, joined.size()).clear();
          joined.add(new Fetch(start, offset + length - start));
        } else {
          lastFetch = joined.size();
          joined.add(step);
        }
        between = 0;
      } else {
        between += step.length();
        joined.add(step);
      }
    }
    return joined;
  }
}
