package dev.waybill.registrysync.mirror;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.pcollections.TreePMap;

/**
 * What is known of the mirror beside what it holds.
 *
 * @param young tags that wait for their age, by reference
 * @param owners the policy that mirrored it last, by reference
 * @param unwanted since when a mirrored reference is outside its policy's filter, in milliseconds
 *     since 1970
 * @param users the reference of each container and workload, by its kind and id
 * @param copied how much of it the mirror has, by reference
 */
public record MirrorState(
    TreePMap<String, Sighting> young,
    TreePMap<String, String> owners,
    TreePMap<String, Long> unwanted,
    TreePMap<String, String> users,
    TreePMap<String, Copied> copied) {
  /** An empty mirror that nobody uses. */
  public static final MirrorState EMPTY =
      new MirrorState(
          TreePMap.empty(), TreePMap.empty(), TreePMap.empty(), TreePMap.empty(), TreePMap.empty());

  /** The tag was seen; one that keeps its digest keeps its age. */
  public MirrorState seen(String reference, Sighting now) {
    Sighting before = young.get(reference);
    boolean same = before != null && before.digest().equals(now.digest());
    return same
        ? this
        : new MirrorState(young.plus(reference, now), owners, unwanted, users, copied);
  }

  /** For how long {@code reference} has been seen to name {@code digest}; 0 if it never was. */
  public long knownForMs(String reference, String digest, long nowMs) {
    Sighting sighting = young.get(reference);
    return sighting == null || !sighting.digest().equals(digest) ? 0 : nowMs - sighting.sinceMs();
  }

  /** The mirror has it because this policy wants it. */
  public MirrorState mirrored(String reference, String policy, Copied copy) {
    Copied before = copied.get(reference);
    return new MirrorState(
        young.minus(reference),
        owners.plus(reference, policy),
        unwanted.minus(reference),
        users,
        copied.plus(reference, before == null ? copy : before.plus(copy)));
  }

  /** Whether another copy of a reference would bring more. */
  public boolean lacks(
      String reference, String digest, Collection<String> platforms, String proofs) {
    Copied had = copied.get(reference);
    return had == null || had.lacks(digest, platforms, proofs);
  }

  /** What {@code policy} mirrored and still has there, sorted. */
  public List<String> ownedBy(String policy) {
    return owners.entrySet().stream()
        .filter(entry -> entry.getValue().equals(policy))
        .map(TreeMap.Entry::getKey)
        .toList();
  }

  /** Of all that {@code policy} mirrored, exactly these are unwanted now. */
  public MirrorState listed(String policy, Collection<String> outside, long nowMs) {
    TreePMap<String, Long> changed = unwanted;
    for (String reference : ownedBy(policy)) {
      if (!outside.contains(reference)) {
        changed = changed.minus(reference);
      } else if (!changed.containsKey(reference)) {
        changed = changed.plus(reference, nowMs);
      }
    }
    return new MirrorState(young, owners, changed, users, copied);
  }

  /** The mirror has it no longer. */
  public MirrorState pruned(String reference) {
    return new MirrorState(
        young.minus(reference),
        owners.minus(reference),
        unwanted.minus(reference),
        users,
        copied.minus(reference));
  }

  /** The policy is gone; what it mirrored stays, and is nobody's to prune. */
  public MirrorState withoutPolicy(String policy) {
    TreePMap<String, Sighting> seen = young;
    for (var entry : young.entrySet()) {
      if (entry.getValue().policy().equals(policy)) {
        seen = seen.minus(entry.getKey());
      }
    }
    TreePMap<String, String> owned = owners;
    TreePMap<String, Long> outside = unwanted;
    for (String reference : ownedBy(policy)) {
      owned = owned.minus(reference);
      outside = outside.minus(reference);
    }
    return new MirrorState(seen, owned, outside, users, copied);
  }

  public MirrorState using(String user, String reference) {
    return new MirrorState(young, owners, unwanted, users.plus(user, reference), copied);
  }

  public MirrorState notUsing(String user) {
    return new MirrorState(young, owners, unwanted, users.minus(user), copied);
  }

  /** Some container or workload is defined with this reference. */
  public boolean isNamed(String reference) {
    return users.values().stream().anyMatch(used -> Objects.equals(used, reference));
  }
}
