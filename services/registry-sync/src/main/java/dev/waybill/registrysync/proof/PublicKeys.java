package dev.waybill.registrysync.proof;

import dev.waybill.kernel.Digest;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Optional;

/** Public keys and the signatures that go with their kind. */
final class PublicKeys {
  private static final List<String> KINDS = List.of("EC", "RSA", "Ed25519");

  private PublicKeys() {}

  /** The key of this encoding (SubjectPublicKeyInfo); nothing if it is of no known kind. */
  static Optional<PublicKey> read(byte[] encoded) {
    for (String kind : KINDS) {
      try {
        return Optional.of(
            KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(encoded)));
      } catch (GeneralSecurityException e) {
        continue; // Of another kind.
      }
    }
    return Optional.empty();
  }

  static String id(PublicKey key) {
    return Digest.of(key.getEncoded()).toString();
  }

  /**
   * Whether {@code signature} over {@code content} is by this key, as cosign signs with its kind.
   */
  static boolean verifies(PublicKey key, byte[] content, byte[] signature) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> "Ed25519";
        };
    try {
      Signature check = Signature.getInstance(algorithm);
      check.initVerify(key);
      check.update(content);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // Bytes that are no signature of this kind.
    }
  }
}
