package dev.waybill.contracts.gate;

import dev.waybill.contracts.spec.AgeClock;
import dev.waybill.contracts.spec.GatePolicy;

/**
 * Which images a gate policy speaks of. Whoever gives verdicts and whoever waits for them must
 * agree on this, so it stands beside the contract.
 */
public final class GateScope {
  private static final String BELOW = "/*";

  private GateScope() {}

  /** The policy speaks of this repository (with its host) in this namespace. */
  public static boolean holds(GatePolicy policy, String namespace, String repository) {
    boolean here = policy.getNamespace().isEmpty() || policy.getNamespace().equals(namespace);
    return here
        && (policy.getRepositoriesCount() == 0
            || policy.getRepositoriesList().stream()
                .anyMatch(pattern -> matches(pattern, repository)));
  }

  /** {@code pattern} is the repository, or a prefix of it that ends in {@code /*}. */
  public static boolean matches(String pattern, String repository) {
    return pattern.endsWith(BELOW)
        ? repository.startsWith(pattern.substring(0, pattern.length() - 1))
        : repository.equals(pattern);
  }

  /**
   * A verdict is needed before a container starts. A list of denied digests alone needs none: who
   * knows the digest knows the answer.
   */
  public static boolean asksForVerdict(GatePolicy policy) {
    return policy.getMinAgeMs() > 0 || policy.hasScan() || asksForEvidence(policy);
  }

  /** Something has to be looked for before there can be a verdict. */
  public static boolean asksForEvidence(GatePolicy policy) {
    return policy.getSignaturesCount() > 0
        || policy.getAttestationsCount() > 0
        || policy.getBaseImagesCount() > 0
        || policy.getMinAgeMs() > 0 && policy.getAgeClock() == AgeClock.AGE_CLOCK_CREATED;
  }

  /** Repository with its host of a complete reference: {@code host/path[:tag][@digest]}. */
  public static String repositoryOf(String reference) {
    int at = reference.indexOf('@');
    String named = at < 0 ? reference : reference.substring(0, at);
    int colon = named.lastIndexOf(':');
    return colon > named.lastIndexOf('/') ? named.substring(0, colon) : named;
  }

  /** What a verdict is about, as one word. */
  public static String subject(String namespace, String repository, String digest) {
    return namespace + "/" + repository + "@" + digest;
  }
}
