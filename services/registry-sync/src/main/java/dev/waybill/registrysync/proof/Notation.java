package dev.waybill.registrysync.proof;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.contracts.registry.Proof;
import dev.waybill.contracts.registry.SignatureFound;
import dev.waybill.registrysync.gate.SignerIds;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
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
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Notation's signatures as JSON web signatures: a payload that names a digest, a protected header,
 * and the chain of the signing certificate.
 *
 * @see <a
 *     href="https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-jws.md">Notary
 *     Project, JWS envelope</a>
 */
public final class Notation {
  /** Artifact type of its documents. */
  public static final String ARTIFACT_TYPE = "application/vnd.cncf.notary.signature";

  /** Media type of an envelope. */
  public static final String MEDIA_TYPE = "application/jose+json";

  private static final String CONTENT = "application/vnd.cncf.notary.payload.v1+json";
  private static final int CHAIN_MAX = 10;

  /** Fields of the protected header that may be marked critical, since we obey them. */
  private static final Set<String> OBEYED =
      Set.of("io.cncf.notary.signingScheme", "io.cncf.notary.expiry");

  private Notation() {}

  /** What an envelope proves. */
  public static SignatureFound read(String document, byte[] content, Trusted trusted) {
    var found = SignatureFound.newBuilder().setDocument(document);
    try {
      JsonNode envelope = Json.read(content);
      JsonNode payload = Json.read(Json.base64url(envelope.path("payload").asText()));
      found.setSignedDigest(payload.path("targetArtifact").path("digest").asText());
      found.addProofs(proof(envelope, trusted));
    } catch (MalformedProofException e) {
      found.addProofs(Trusted.fault("notation", String.valueOf(e.getMessage())));
    }
    return found.build();
  }

  private static Proof proof(JsonNode envelope, Trusted trusted) throws MalformedProofException {
    JsonNode header = Json.read(Json.base64url(envelope.path("protected").asText()));
    checkHeader(header, trusted);
    List<X509Certificate> chain = chain(envelope);
    byte[] signed =
        (envelope.path("protected").asText() + "." + envelope.path("payload").asText())
            .getBytes(StandardCharsets.US_ASCII);
    byte[] signature = Json.base64url(envelope.path("signature").asText());
    if (!verifies(header.path("alg").asText(), chain.getFirst(), signed, signature)) {
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

  private static void checkHeader(JsonNode header, Trusted trusted) throws MalformedProofException {
    if (!header.path("cty").asText().equals(CONTENT)) {
      throw new MalformedProofException("its content type is not Notation's");
    }
    for (JsonNode critical : header.path("crit")) {
      if (!OBEYED.contains(critical.asText())) {
        throw new MalformedProofException(
            "it wants '%s' obeyed, which isn't supported".formatted(critical.asText()));
      }
    }
    String scheme = header.path("io.cncf.notary.signingScheme").asText();
    if (!scheme.equals("notary.x509")) {
      throw new MalformedProofException("its signing scheme '" + scheme + "' isn't supported");
    }
    String expiry = header.path("io.cncf.notary.expiry").asText();
    if (!expiry.isEmpty() && !trusted.now().isBefore(instant(expiry))) {
      throw new MalformedProofException("it expired at " + expiry);
    }
  }

  private static Instant instant(String text) throws MalformedProofException {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new MalformedProofException("its expiry '" + text + "' is no time", e);
    }
  }

  private static List<X509Certificate> chain(JsonNode envelope) throws MalformedProofException {
    var chain = new ArrayList<X509Certificate>();
    for (JsonNode encoded : envelope.path("header").path("x5c")) {
      try {
        chain.add(
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Json.base64(encoded.asText()))));
      } catch (GeneralSecurityException e) {
        throw new MalformedProofException("its chain holds no certificate", e);
      }
    }
    if (chain.isEmpty() || chain.size() > CHAIN_MAX) {
      throw new MalformedProofException("its chain has " + chain.size() + " certificates");
    }
    return chain;
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
