package dev.waybill.registrysync.proof;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.contracts.registry.Proof;
import dev.waybill.contracts.registry.SignatureFound;
import dev.waybill.registrysync.gate.SignerIds;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Notation's signatures, in either form of envelope: a payload that names a digest, headers that
 * are signed with it, and the chain of the signing certificate.
 *
 * @see <a
 *     href="https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md">Notary
 *     Project, signature specification</a>
 */
public final class Notation {
  /** Artifact type of its documents. */
  public static final String ARTIFACT_TYPE = "application/vnd.cncf.notary.signature";

  private static final String CONTENT = "application/vnd.cncf.notary.payload.v1+json";

  /** Headers that may be marked critical, since we obey them. */
  private static final Set<String> OBEYED =
      Set.of(NotationEnvelope.SCHEME, NotationEnvelope.EXPIRY);

  private Notation() {}

  /**
   * What an envelope proves.
   *
   * @param type media type of the envelope
   */
  public static SignatureFound read(String document, String type, byte[] content, Trusted trusted) {
    var found = SignatureFound.newBuilder().setDocument(document);
    try {
      NotationEnvelope envelope = open(type, content);
      JsonNode payload = Json.read(envelope.payload());
      found.setSignedDigest(payload.path("targetArtifact").path("digest").asText());
      found.addProofs(proof(envelope, trusted));
    } catch (MalformedProofException e) {
      found.addProofs(Trusted.fault("notation", String.valueOf(e.getMessage())));
    }
    return found.build();
  }

  private static NotationEnvelope open(String type, byte[] content) throws MalformedProofException {
    return switch (type) {
      case JwsEnvelope.MEDIA_TYPE -> JwsEnvelope.open(content);
      case CoseEnvelope.MEDIA_TYPE -> CoseEnvelope.open(content);
      default ->
          throw new MalformedProofException("its envelope '" + type + "' isn't one of Notation's");
    };
  }

  private static Proof proof(NotationEnvelope envelope, Trusted trusted)
      throws MalformedProofException {
    checkHeaders(envelope, trusted.now());
    List<X509Certificate> chain = envelope.certificates();
    if (!verifies(
        envelope.algorithm(), chain.getFirst(), envelope.signed(), envelope.signature())) {
      throw new MalformedProofException("its signature is not by its certificate");
    }
    X509Certificate root = root(chain, trusted);
    return Proof.newBuilder()
        .setKind("notation")
        .setKeyId(SignerIds.id(chain.getFirst()))
        .setIdentity(chain.getFirst().getSubjectX500Principal().getName())
        .setIssuer(SignerIds.id(root))
        .build();
  }

  private static void checkHeaders(NotationEnvelope envelope, Instant now)
      throws MalformedProofException {
    if (!envelope.contentType().equals(CONTENT)) {
      throw new MalformedProofException("its content type is not Notation's");
    }
    Optional<String> unknown =
        envelope.critical().stream().filter(name -> !OBEYED.contains(name)).sorted().findFirst();
    if (unknown.isPresent()) {
      throw new MalformedProofException(
          "it wants '%s' obeyed, which isn't supported".formatted(unknown.get()));
    }
    if (!envelope.scheme().equals("notary.x509")) {
      throw new MalformedProofException(
          "its signing scheme '" + envelope.scheme() + "' isn't supported");
    }
    Optional<Instant> expiry = envelope.expiry();
    if (expiry.isPresent() && !now.isBefore(expiry.get())) {
      throw new MalformedProofException("it expired at " + expiry.get());
    }
  }

  private static boolean verifies(
      String algorithm, X509Certificate signer, byte[] signed, byte[] signature)
      throws MalformedProofException {
    try {
      Signature check =
          switch (algorithm) {
            case "ES256" -> Signature.getInstance("SHA256withECDSAinP1363Format");
            case "ES384" -> Signature.getInstance("SHA384withECDSAinP1363Format");
            case "ES512" -> Signature.getInstance("SHA512withECDSAinP1363Format");
            case "PS256" -> pss("SHA-256", MGF1ParameterSpec.SHA256, 32);
            case "PS384" -> pss("SHA-384", MGF1ParameterSpec.SHA384, 48);
            case "PS512" -> pss("SHA-512", MGF1ParameterSpec.SHA512, 64);
            default ->
                throw new MalformedProofException(
                    "its algorithm '" + algorithm + "' isn't one of Notation's");
          };
      check.initVerify(signer.getPublicKey());
      check.update(signed);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      throw new MalformedProofException("its signature doesn't fit its certificate", e);
    }
  }

  private static Signature pss(String digest, MGF1ParameterSpec mask, int salt)
      throws GeneralSecurityException {
    Signature signature = Signature.getInstance("RSASSA-PSS");
    signature.setParameter(new PSSParameterSpec(digest, "MGF1", mask, salt, 1));
    return signature;
  }

  /**
   * The trusted certificate that the chain leads to. Nothing vouches for the time that the envelope
   * claims, so the chain must be valid now.
   */
  private static X509Certificate root(List<X509Certificate> chain, Trusted trusted)
      throws MalformedProofException {
    if (trusted.roots().isEmpty()) {
      throw new MalformedProofException("no policy names a root for Notation");
    }
    List<X509Certificate> path = chain.stream().filter(c -> !trusted.roots().contains(c)).toList();
    if (path.isEmpty()) {
      return checkedNow(chain.getFirst(), trusted);
    }
    try {
      var parameters =
          new PKIXParameters(
              trusted.roots().stream()
                  .map(root -> new TrustAnchor(root, null))
                  .collect(Collectors.toSet()));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(trusted.now()));
      var result =
          (PKIXCertPathValidatorResult)
              CertPathValidator.getInstance("PKIX")
                  .validate(
                      CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
      return result.getTrustAnchor().getTrustedCert();
    } catch (GeneralSecurityException e) {
      throw new MalformedProofException("its chain leads to no trusted root: " + e.getMessage(), e);
    }
  }

  /** The signing certificate is itself the one that is trusted. */
  private static X509Certificate checkedNow(X509Certificate signer, Trusted trusted)
      throws MalformedProofException {
    try {
      signer.checkValidity(Date.from(trusted.now()));
      return signer;
    } catch (GeneralSecurityException e) {
      throw new MalformedProofException("its certificate isn't valid now", e);
    }
  }
}
