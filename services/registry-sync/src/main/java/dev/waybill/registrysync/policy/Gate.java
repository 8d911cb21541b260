package dev.waybill.registrysync.policy;

import dev.waybill.oci.image.Reference;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** The verdict on one image for one namespace. */
public final class Gate {
  private static final String LOCAL_NOTE =
      "; add one with 'waybill registry policy set NAME --upstream REPOSITORY'";

  /** What the gate says. */
  public sealed interface Verdict {
    /**
     * @param policy the policy that let it pass; empty where none holds for the namespace
     * @param version that policy's version, 0 where there is none
     */
    record Admitted(String policy, int version) implements Verdict {}

    /**
     * @param reason why, and what to do
     * @param asked the policies that were asked, each {@code NAME@VERSION}
     */
    record Rejected(String reason, List<String> asked) implements Verdict {}
  }

  private Gate() {}

  /** Asks the policies that hold for {@code namespace}, in order of their names. */
  public static Verdict judge(String reference, String namespace, Collection<Policy> policies) {
    List<Policy> holding = policies.stream().filter(p -> p.holdsFor(namespace)).toList();
    Reference parsed;
    try {
      parsed = Reference.parse(reference);
    } catch (IllegalArgumentException e) {
      return new Verdict.Rejected(String.valueOf(e.getMessage()), List.of());
    }
    if (holding.isEmpty()) {
      return new Verdict.Admitted("", 0);
    }
    return holding.stream()
        .filter(policy -> policy.admits(parsed))
        .findFirst()
        .<Verdict>map(policy -> new Verdict.Admitted(policy.name(), policy.set().getVersion()))
        .orElseGet(() -> rejected(parsed, holding));
  }

  private static Verdict.Rejected rejected(Reference reference, List<Policy> asked) {
    List<String> names = asked.stream().map(Policy::versioned).toList();
    String upstreams =
        asked.stream().map(policy -> policy.set().getUpstream()).collect(Collectors.joining(", "));
    return new Verdict.Rejected(
        "%s is outside policy: only %s may run here%s".formatted(reference, upstreams, LOCAL_NOTE),
        names);
  }
}
