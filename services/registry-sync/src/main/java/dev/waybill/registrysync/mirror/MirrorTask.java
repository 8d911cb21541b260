package dev.waybill.registrysync.mirror;

import java.util.List;

/**
 * A copy under way.
 *
 * @param policy the policy that wants it
 * @param reference image reference with its tag
 * @param digest what the tag named when it was found; empty where a container asked for it
 * @param platforms that are copied; none for the image service's own
 * @param proofs identifies what the upstream had about it then; empty where it had nothing
 */
public record MirrorTask(
    String policy, String reference, String digest, List<String> platforms, String proofs) {
  public MirrorTask {
    platforms = List.copyOf(platforms);
  }

  /** A copy that a container asked for. */
  public static MirrorTask onDemand(String policy, String reference) {
    return new MirrorTask(policy, reference, "", List.of(), "");
  }

  /** Whether nobody but the mirror wants it. */
  public boolean isAhead() {
    return !digest.isEmpty();
  }
}
