package dev.waybill.registrysync.proof;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.contracts.registry.Proof;
import dev.waybill.contracts.registry.SignatureFound;
import java.util.SortedMap;

/**
 * Cosign's signatures: a payload that names a digest, signed in an annotation of its layer.
 *
 * @see <a href="https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md">cosign,
 *     signature specification</a>
 */
public final class SimpleSigning {
  /** Media type of the payload. */
  public static final String MEDIA_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";

  private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
  private static final String CERTIFICATE = "dev.sigstore.cosign/certificate";

  private SimpleSigning() {}

  /** What one layer of a signature document proves. */
  public static SignatureFound read(
      String document, SortedMap<String, String> annotations, byte[] payload, Trusted trusted) {
    var found = SignatureFound.newBuilder().setDocument(document);
    try {
      found.setSignedDigest(signedDigest(payload));
      String signature = annotations.get(SIGNATURE);
      if (signature == null) {
        throw new MalformedProofException("it lacks the annotation " + SIGNATURE);
      }
      found.addProofs(proof(annotations, payload, Json.base64(signature), trusted));
    } catch (MalformedProofException e) {
      found.addProofs(Trusted.fault("key", String.valueOf(e.getMessage())));
    }
    return found.build();
  }

  private static Proof proof(
      SortedMap<String, String> annotations, byte[] payload, byte[] signature, Trusted trusted) {
    Proof byKey = trusted.byKey(payload, signature);
    return !byKey.getFault().isEmpty() && annotations.containsKey(CERTIFICATE)
        ? Trusted.fault(
            "keyless",
            "its certificate is in cosign's old annotations; sign it again as a sigstore bundle")
        : byKey;
  }

  private static String signedDigest(byte[] payload) throws MalformedProofException {
    JsonNode critical = Json.read(payload).path("critical");
    if (!critical.path("type").asText().equals("cosign container image signature")) {
      throw new MalformedProofException("its payload is not a container image signature");
    }
    String digest = critical.path("image").path("docker-manifest-digest").asText();
    if (digest.isEmpty()) {
      throw new MalformedProofException("its payload names no digest");
    }
    return digest;
  }
}
