package dev.waybill.nativerunner.plan;

import dev.waybill.kernel.Digest;
import java.util.List;

/**
 * Everything that makes one container, in order.
 *
 * @param steps at most 16,384; phases in order; one clone at the end of the host phase; exec at the
 *     end of the start phase; after that hooks only
 * @param notes what of the configuration was changed to fit the host, one sentence each; not part
 *     of the digest, for what was changed shows in the steps
 */
public record LaunchPlan(List<Step> steps, List<String> notes) {
  private static final int STEPS_MAX = 16_384;

  public LaunchPlan {
    steps = List.copyOf(steps);
    notes = List.copyOf(notes);
    if (steps.isEmpty() || steps.size() > STEPS_MAX) {
      throw new IllegalArgumentException(
          "a plan has 1 to " + STEPS_MAX + " steps, not " + steps.size());
    }
  }

  /** The canonical encoding: what the executor reads. */
  public byte[] encode() {
    return Encoding.encode(steps);
  }

  /** Digest of the canonical encoding. */
  public Digest digest() {
    return Digest.of(encode());
  }

  /** Whether anything is to be done in a phase. */
  public boolean has(Phase phase) {
    return steps.stream().anyMatch(step -> step.phase() == phase);
  }

  /** Whether the clone makes a network namespace that the host's user namespace owns. */
  public boolean makesHostsNetwork() {
    boolean joinsUser =
        steps.stream()
            .anyMatch(s -> s.op() instanceof Op.Join j && j.type() == NamespaceSteps.NEWUSER);
    return !joinsUser
        && steps.stream()
            .anyMatch(
                s ->
                    s.op() instanceof Op.Clone c
                        && (c.namespaces() & NamespaceSteps.NEWNET) != 0
                        && (c.namespaces() & NamespaceSteps.NEWUSER) == 0);
  }

  /** The same plan without the operation that takes a state directory: it leaves no trace. */
  public LaunchPlan withoutState() {
    return new LaunchPlan(
        steps.stream().filter(s -> !(s.op() instanceof Op.StateDir)).toList(), notes);
  }
}
