package dev.waybill.image.ingest;

import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;

/**
 * An image that somebody wants to have here.
 *
 * @param reference what it is called
 * @param policy whether to ask elsewhere
 * @param platform it is to run on
 * @param proofs whether to fetch what speaks of it, too
 * @param actor who wants it
 * @param namespace whose log-ins are used; empty for those of all
 * @param terms of the policy that admitted it
 */
public record PullRequest(
    Reference reference,
    PullPolicy policy,
    Platform platform,
    Proofs proofs,
    Actor actor,
    String namespace,
    PullTerms terms) {
  /** Whether signatures, attestations and bills of materials come along. */
  public enum Proofs {
    /** They do, and are here before the tag moves. */
    WITH,
    /** The image alone. */
    WITHOUT
  }

  /** The image alone. */
  public PullRequest(Reference reference, PullPolicy policy, Platform platform, Actor actor) {
    this(reference, policy, platform, Proofs.WITHOUT, actor, "", PullTerms.USUAL);
  }
}
