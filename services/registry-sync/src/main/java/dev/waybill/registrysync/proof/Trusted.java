package dev.waybill.registrysync.proof;

import dev.waybill.contracts.registry.Proof;
import dev.waybill.contracts.spec.Signer;
import dev.waybill.registrysync.gate.SignerIds;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Whom signatures are held against.
 *
 * @param keys public keys that some policy names
 * @param roots certificates that a Notation chain may lead to
 * @param keyless verifies keyless signatures; absent where no trusted root is configured
 * @param now for the validity of certificates that no timestamp vouches for
 */
public record Trusted(
    List<PublicKey> keys, List<X509Certificate> roots, Optional<Keyless> keyless, Instant now) {

  /** Everybody whom these signers stand for. */
  public static Trusted of(Collection<Signer> signers, Optional<Keyless> keyless, Instant now) {
    List<PublicKey> keys =
        signers.stream()
            .flatMap(signer -> SignerIds.encodedKey(signer).stream())
            .flatMap(encoded -> PublicKeys.read(encoded).stream())
            .toList();
    List<X509Certificate> roots =
        signers.stream().flatMap(signer -> SignerIds.certificates(signer).stream()).toList();
    return new Trusted(keys, roots, keyless, now);
  }

  /** By which of the keys a signature is. */
  Proof byKey(byte[] content, byte[] signature) {
    return keys.stream()
        .filter(key -> PublicKeys.verifies(key, content, signature))
        .findFirst()
        .map(key -> Proof.newBuilder().setKind("key").setKeyId(PublicKeys.id(key)).build())
        .orElseGet(() -> fault("key", "it is by none of the trusted keys"));
  }

  static Proof fault(String kind, String why) {
    return Proof.newBuilder().setKind(kind).setFault(why).build();
  }
}
