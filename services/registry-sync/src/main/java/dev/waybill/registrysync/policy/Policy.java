package dev.waybill.registrysync.policy;

import dev.waybill.contracts.gate.GateScope;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.oci.image.Reference;
import java.util.regex.Pattern;

/**
 * One line of the allow-list.
 *
 * @param set its content and version
 */
public record Policy(SyncPolicySet set) {
  public String name() {
    return set.getName();
  }

  /** Its name with the version that a verdict was made under. */
  public String versioned() {
    return set.getName() + "@" + set.getVersion();
  }

  /** It holds for a namespace: its own, or all where it names none. */
  public boolean holdsFor(String namespace) {
    return set.getNamespace().isEmpty() || set.getNamespace().equals(namespace);
  }

  /** It lets this image pass. */
  public boolean admits(Reference reference) {
    return matchesRepository(reference) && matchesTag(reference);
  }

  private boolean matchesRepository(Reference reference) {
    return GateScope.matches(set.getUpstream(), reference.host() + "/" + reference.repository());
  }

  /** A reference by digest alone has no tag to match; it passes only where all tags do. */
  private boolean matchesTag(Reference reference) {
    String tag = reference.tag();
    return tag == null ? set.getTags().isEmpty() || set.getTags().equals("*") : matchesTag(tag);
  }

  /** The tag filter, a glob of {@code *} and {@code ?}, takes this tag. */
  public boolean matchesTag(String tag) {
    String glob = set.getTags();
    return glob.isEmpty() || Pattern.matches(regex(glob), tag);
  }

  private static String regex(String glob) {
    var regex = new StringBuilder();
    for (char c : glob.toCharArray()) {
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return regex.toString();
  }
}
