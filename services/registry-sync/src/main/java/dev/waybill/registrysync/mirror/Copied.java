package dev.waybill.registrysync.mirror;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * How much of what a tag names is in the mirror.
 *
 * @param digest what the tag names there
 * @param platforms that policies asked for and that were copied, sorted; one is empty if it is the
 *     image service's own
 * @param proofs identifies what the upstream had about it at the last copy
 */
public record Copied(String digest, List<String> platforms, String proofs) {
  private static final String OWN = "";
  private static final String ALL = "all";

  public Copied {
    platforms = List.copyOf(platforms);
  }

  /** After the first copy for these platforms, none for the image service's own. */
  public static Copied of(String digest, Collection<String> platforms, String proofs) {
    return new Copied(digest, List.copyOf(new TreeSet<>(named(platforms))), proofs);
  }

  /** After another copy: platforms that were there stay there. */
  public Copied plus(Copied next) {
    if (!digest.equals(next.digest)) {
      return next;
    }
    var both = new TreeSet<>(platforms);
    both.addAll(next.platforms);
    return new Copied(digest, List.copyOf(both), next.proofs);
  }

  /** Whether another copy would bring more: other content, a platform, or later signatures. */
  public boolean lacks(String wantedDigest, Collection<String> wanted, String seenProofs) {
    boolean hasPlatforms = platforms.contains(ALL) || platforms.containsAll(named(wanted));
    return !digest.equals(wantedDigest)
        || !hasPlatforms
        || !seenProofs.isEmpty() && !seenProofs.equals(proofs);
  }

  private static Collection<String> named(Collection<String> platforms) {
    return platforms.isEmpty() ? List.of(OWN) : platforms;
  }
}
