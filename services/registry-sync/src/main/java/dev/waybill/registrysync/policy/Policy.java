package dev.waybill.registrysync.policy;

import dev.waybill.contracts.gate.GateScope;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.contracts.tags.TagSelection;
import dev.waybill.oci.image.Reference;

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
    return tag == null ? selection().takesAll() : selection().takes(tag);
  }

  /** The tags that it means; how many and how old they must be is for the mirror. */
  public TagSelection selection() {
    return TagSelection.total(set.getTags(), set.getFilter());
  }
}
