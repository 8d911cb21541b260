package dev.waybill.registrysync.proof;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one of Notation's envelopes says, in whatever form. Nothing of it is checked yet.
 *
 * @param payload that was signed
 * @param contentType of the payload
 * @param critical headers that whoever can't obey them must refuse
 * @param scheme of signing
 * @param expiry after which the signature is of no use
 * @param algorithm as JWS calls it
 * @param chain of the signing certificate, which comes first; encoded
 * @param signed the very bytes that the signature is over
 */
record NotationEnvelope(
    byte[] payload,
    String contentType,
    Set<String> critical,
    String scheme,
    Optional<Instant> expiry,
    String algorithm,
    List<byte[]> chain,
    byte[] signed,
    byte[] signature) {
  static final String SCHEME = "io.cncf.notary.signingScheme";
  static final String EXPIRY = "io.cncf.notary.expiry";
  private static final int CHAIN_MAX = 10;

  NotationEnvelope {
    critical = Set.copyOf(critical);
    chain = List.copyOf(chain);
  }

  List<X509Certificate> certificates() throws MalformedProofException {
    if (chain.isEmpty() || chain.size() > CHAIN_MAX) {
      throw new MalformedProofException("its chain has " + chain.size() + " certificates");
    }
    var certificates = new ArrayList<X509Certificate>();
    for (byte[] encoded : chain) {
      try {
        certificates.add(
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(encoded)));
      } catch (GeneralSecurityException e) {
        throw new MalformedProofException("its chain holds no certificate", e);
      }
    }
    return certificates;
  }
}
