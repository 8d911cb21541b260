package dev.waybill.registrysync.gate;

import dev.waybill.contracts.spec.Signer;
import dev.waybill.kernel.Digest;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** What a signer's PEM is called in evidence: digests of the encodings. */
public final class SignerIds {
  private static final String BEGIN_KEY = "-----BEGIN PUBLIC KEY-----";
  private static final String END_KEY = "-----END PUBLIC KEY-----";

  private SignerIds() {}

  /** The encoded public key of a signer by key; nothing for another, or if it is malformed. */
  public static Optional<byte[]> encodedKey(Signer signer) {
    String pem = signer.getPublicKey();
    int from = pem.indexOf(BEGIN_KEY);
    int to = pem.indexOf(END_KEY);
    if (from < 0 || to < from) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Base64.getMimeDecoder().decode(pem.substring(from + BEGIN_KEY.length(), to)));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // Not base64: no signature will ever be by it.
    }
  }

  static Optional<String> key(Signer signer) {
    return encodedKey(signer).map(encoded -> Digest.of(encoded).toString());
  }

  /** The certificates that a Notation signature's chain may lead to; none if malformed. */
  public static List<X509Certificate> certificates(Signer signer) {
    if (signer.getNotationRoots().isEmpty()) {
      return List.of();
    }
    byte[] pem = signer.getNotationRoots().getBytes(StandardCharsets.UTF_8);
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (CertificateException e) {
      return List.of(); // Refused where policies are set; an unreadable root trusts nobody.
    }
  }

  static List<String> roots(Signer signer) {
    return certificates(signer).stream().map(SignerIds::id).toList();
  }

  /** What evidence calls a certificate. */
  public static String id(X509Certificate certificate) {
    try {
      return Digest.of(certificate.getEncoded()).toString();
    } catch (CertificateException e) {
      throw new IllegalStateException("a certificate that was read must encode", e);
    }
  }
}
