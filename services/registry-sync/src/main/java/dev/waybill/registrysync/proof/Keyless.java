package dev.waybill.registrysync.proof;

import dev.waybill.contracts.registry.Proof;

/** Verifies sigstore bundles against a trusted root: chain, log inclusion and signature. */
public interface Keyless {
  /**
   * By whom a bundle is.
   *
   * @param digest SHA-256 of what it signs: of the payload, or of the artifact of a DSSE statement
   * @param bundle in sigstore's JSON
   */
  Proof verify(byte[] digest, String bundle);
}
