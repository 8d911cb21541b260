package dev.waybill.registrysync.proof;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.contracts.registry.AttestationFound;
import dev.waybill.contracts.registry.Proof;
import dev.waybill.contracts.registry.SignatureFound;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Sigstore bundles, which cosign attaches as referrers: a statement in an envelope, with the key's
 * hint or the signing certificate and its entry in a transparency log.
 *
 * @see <a href="https://github.com/sigstore/protobuf-specs">sigstore bundle format</a>
 */
public final class Bundle {
  /** How media types of bundles begin. */
  public static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle";

  private static final String SIGNATURE_PREDICATE = "https://sigstore.dev/cosign/sign/v1";

  private Bundle() {}

  /** A signature or an attestation, whichever the bundle holds. */
  public record Read(Optional<SignatureFound> signature, Optional<AttestationFound> attestation) {}

  /**
   * What a bundle proves.
   *
   * @param subject digest of the document that the bundle is attached to
   * @param isSubject whether a digest is the image's
   */
  public static Read read(
      String document, byte[] content, String subject, Predicate<String> isSubject, Trusted trusted)
      throws MalformedProofException {
    JsonNode bundle = Json.read(content);
    boolean keyless =
        bundle.path("verificationMaterial").has("certificate")
            || bundle.path("verificationMaterial").has("x509CertificateChain");
    if (bundle.has("messageSignature")) {
      return signature(document, subject, message(bundle, content, subject, keyless, trusted));
    }
    Dsse envelope = Dsse.read(bundle.path("dsseEnvelope"));
    List<Proof> proofs =
        keyless ? List.of(keyless(content, subject, trusted)) : envelope.byKey(trusted);
    AttestationFound statement = envelope.statement(document, isSubject, proofs);
    return statement.getPredicateType().equals(SIGNATURE_PREDICATE)
        ? signature(document, subject, statement.getProofsList())
        : new Read(Optional.empty(), Optional.of(statement));
  }

  private static Read signature(String document, String subject, List<Proof> proofs) {
    return new Read(
        Optional.of(
            SignatureFound.newBuilder()
                .setDocument(document)
                .setSignedDigest(subject)
                .addAllProofs(proofs)
                .build()),
        Optional.empty());
  }

  /** A signature straight over the manifest's bytes, of which a bundle knows the digest alone. */
  private static List<Proof> message(
      JsonNode bundle, byte[] content, String subject, boolean keyless, Trusted trusted)
      throws MalformedProofException {
    byte[] digest =
        Json.base64(bundle.path("messageSignature").path("messageDigest").path("digest").asText());
    if (!subject.equals("sha256:" + HexFormat.of().formatHex(digest))) {
      return List.of(Trusted.fault("key", "it speaks of another image"));
    }
    return List.of(
        keyless
            ? keyless(content, subject, trusted)
            : Trusted.fault("key", "it is no statement; sign with a current cosign"));
  }

  private static Proof keyless(byte[] content, String subject, Trusted trusted) {
    byte[] digest = HexFormat.of().parseHex(subject.substring("sha256:".length()));
    return trusted
        .keyless()
        .map(keyless -> keyless.verify(digest, new String(content, StandardCharsets.UTF_8)))
        .orElseGet(
            () ->
                Trusted.fault(
                    "keyless",
                    "no sigstore root is configured; set"
                        + " waybill.registry-sync.sigstore-trusted-root"));
  }
}
