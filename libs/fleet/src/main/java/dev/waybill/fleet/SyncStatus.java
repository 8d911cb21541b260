package dev.waybill.fleet;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * How a policy that mirrors gets on.
 *
 * @param lastSuccess the newest look or copy that went well
 * @param lastFailure the newest one that didn't
 * @param failure why; kept when all is well again, to be seen beside {@code lastSuccess}
 * @param nextLook when the upstream is looked at again; none if only when somebody asks
 * @param counts what the newest look counted
 * @param pending since when each reference is being copied
 * @param mirrored what the mirror has by this policy
 * @param bytes that came over the network, ever
 * @param pruned tags that were taken out, ever
 */
public record SyncStatus(
    @Nullable Instant lastSuccess,
    @Nullable Instant lastFailure,
    String failure,
    @Nullable Instant nextLook,
    Counts counts,
    TreePMap<String, Instant> pending,
    TreePMap<String, String> mirrored,
    long bytes,
    long pruned) {
  static final SyncStatus NEW =
      new SyncStatus(
          null, null, "", null, new Counts(0, 0, 0, 0), TreePMap.empty(), TreePMap.empty(), 0, 0);

  /**
   * What a look counted.
   *
   * @param seen tags of the upstream
   * @param wanted those that the filter means
   * @param young those that must be known for longer
   * @param unwanted mirrored references that the filter no longer means
   */
  public record Counts(int seen, int wanted, int young, int unwanted) {}

  SyncStatus listed(Instant at, @Nullable Instant next, Counts counted) {
    return new SyncStatus(
        at, lastFailure, failure, next, counted, pending, mirrored, bytes, pruned);
  }

  SyncStatus failed(Instant at, @Nullable Instant next, String why) {
    return new SyncStatus(lastSuccess, at, why, next, counts, pending, mirrored, bytes, pruned);
  }

  SyncStatus copying(String reference, Instant at) {
    return new SyncStatus(
        lastSuccess,
        lastFailure,
        failure,
        nextLook,
        counts,
        pending.plus(reference, at),
        mirrored,
        bytes,
        pruned);
  }

  SyncStatus copied(String reference, String digest, long fetched, Instant at) {
    return new SyncStatus(
        at,
        lastFailure,
        failure,
        nextLook,
        counts,
        pending.minus(reference),
        mirrored.plus(reference, digest),
        bytes + fetched,
        pruned);
  }

  SyncStatus notCopied(String reference, String why, Instant at) {
    return new SyncStatus(
        lastSuccess, at, why, nextLook, counts, pending.minus(reference), mirrored, bytes, pruned);
  }

  SyncStatus withoutTag(String reference) {
    return new SyncStatus(
        lastSuccess,
        lastFailure,
        failure,
        nextLook,
        counts,
        pending,
        mirrored.minus(reference),
        bytes,
        pruned + 1);
  }

  /** One word for it. */
  public String word() {
    if (lastFailure != null && (lastSuccess == null || lastFailure.isAfter(lastSuccess))) {
      return "failing";
    }
    if (!pending.isEmpty()) {
      return "copying";
    }
    return lastSuccess == null ? "new" : "ok";
  }
}
