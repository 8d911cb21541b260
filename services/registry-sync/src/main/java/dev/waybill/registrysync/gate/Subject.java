package dev.waybill.registrysync.gate;

import dev.waybill.contracts.gate.GateScope;

/**
 * What a verdict is about: one digest under one name in one namespace.
 *
 * @param name repository with its registry host
 * @param digest of the platform's manifest: what runs
 * @param indexDigest of what the tag named: an index, or the same as {@code digest}
 * @param repository of the platform's registry that serves it
 * @param reference as it was pulled
 */
public record Subject(
    String namespace,
    String name,
    String digest,
    String indexDigest,
    String repository,
    String reference) {

  /** The subject as one word, the same as for whoever waits for the verdict. */
  public String key() {
    return GateScope.subject(namespace, name, digest);
  }

  /** Where evidence for it is looked for. */
  public String place() {
    return place(repository, digest);
  }

  static String place(String repository, String digest) {
    return repository + "@" + digest;
  }

  /** Somebody who says this digest means it: its manifest, or the index that names that. */
  public boolean isMeantBy(String said) {
    return said.equals(digest) || said.equals(indexDigest);
  }
}
