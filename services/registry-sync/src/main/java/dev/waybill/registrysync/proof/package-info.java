/**
 * Reads signatures and attestations in the forms that clients make them in, and says by whom each
 * is: cosign's simple signing and attestations, sigstore bundles, Notation's envelopes. Pure: bytes
 * and trusted keys in, proofs out. A proof that fails says why.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.registrysync.proof;
