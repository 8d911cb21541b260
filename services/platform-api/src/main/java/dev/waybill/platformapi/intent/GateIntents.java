package dev.waybill.platformapi.intent;

import dev.waybill.contracts.api.RecallImage;
import dev.waybill.contracts.api.SetGatePolicy;
import dev.waybill.contracts.api.VerifyImage;
import dev.waybill.contracts.gate.GateScope;
import dev.waybill.contracts.spec.AttestationKind;
import dev.waybill.contracts.spec.AttestationRule;
import dev.waybill.contracts.spec.GatePolicy;
import dev.waybill.contracts.spec.SignatureRule;
import dev.waybill.contracts.spec.Signer;
import dev.waybill.contracts.workload.GatePolicyDeclared;
import dev.waybill.contracts.workload.RecallRequested;
import dev.waybill.contracts.workload.VerifyRequested;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Reference;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/**
 * Requests about the gate as intent; each throws {@link Problem.Raised} for what can't be taken.
 */
public final class GateIntents {
  private static final int WAVE_MAX = 1_000;
  private static final List<String> KEY_KINDS = List.of("EC", "RSA", "Ed25519");

  private GateIntents() {}

  /** A gate policy. */
  public static GatePolicyDeclared policy(SetGatePolicy body) {
    GatePolicy policy = body.getPolicy();
    if (!policy.getNamespace().isEmpty()) {
      Intents.namespace(policy.getNamespace());
    }
    policy.getRepositoriesList().forEach(GateIntents::checkRepository);
    policy.getDeniedDigestsList().forEach(GateIntents::digest);
    policy.getBaseImagesList().forEach(GateIntents::checkBase);
    refuseIf(policy.getMinAgeMs() < 0, "minAgeMs must not be negative, use 0 for no age");
    refuseIf(
        policy.getScan().getAgeMaxMs() < 0, "scan.ageMaxMs must not be negative, use 0 for never");
    for (SignatureRule rule : policy.getSignaturesList()) {
      refuseIf(rule.getSignersCount() == 0, "a signature rule needs at least one signer");
      rule.getSignersList().forEach(GateIntents::checkSigner);
    }
    policy.getAttestationsList().forEach(GateIntents::checkAttestation);
    refuseIf(
        policy.getDeniedDigestsCount() == 0 && !GateScope.asksForVerdict(policy),
        "the policy asks for nothing; name signatures, attestations, a scan, an age, a base image"
            + " or denied digests");
    return GatePolicyDeclared.newBuilder()
        .setName(Intents.namespace(named(body.getName())))
        .setPolicy(policy)
        .build();
  }

  private static String named(String name) {
    refuseIf(name.isEmpty(), "name is missing, say what the policy is called");
    return name;
  }

  private static void checkRepository(String pattern) {
    refuseIf(
        !pattern.contains("/"),
        "repository '%s' must be HOST/REPOSITORY or HOST/PREFIX/*".formatted(pattern));
  }

  private static void checkBase(String base) {
    try {
      refuseIf(
          Reference.parse(base).digest() == null,
          "base image '%s' must be pinned, write it like HOST/REPOSITORY@sha256:…".formatted(base));
    } catch (IllegalArgumentException e) {
      refuseIf(true, "base image: " + e.getMessage());
    }
  }

  private static void checkAttestation(AttestationRule rule) {
    refuseIf(
        rule.getKind() == AttestationKind.ATTESTATION_KIND_UNSPECIFIED,
        "an attestation rule needs a kind: PROVENANCE, SBOM or OTHER");
    refuseIf(
        rule.getKind() == AttestationKind.ATTESTATION_KIND_OTHER
            && rule.getPredicateType().isEmpty(),
        "an attestation rule of kind OTHER needs a predicateType");
    rule.getSignersList().forEach(GateIntents::checkSigner);
  }

  private static void checkSigner(Signer signer) {
    int kinds =
        (signer.getPublicKey().isEmpty() ? 0 : 1)
            + (signer.getNotationRoots().isEmpty() ? 0 : 1)
            + (signer.getIdentity().isEmpty() ? 0 : 1);
    refuseIf(kinds != 1, "a signer needs exactly one of publicKey, notationRoots and identity");
    if (!signer.getPublicKey().isEmpty()) {
      checkKey(signer.getPublicKey());
    } else if (!signer.getNotationRoots().isEmpty()) {
      checkCertificates(signer.getNotationRoots());
    } else {
      refuseIf(
          signer.getIssuer().isEmpty(),
          "identity '%s' needs the issuer that vouches for it".formatted(signer.getIdentity()));
    }
  }

  private static void checkKey(String pem) {
    String body = pem.replaceAll("-----(BEGIN|END) PUBLIC KEY-----", "").replaceAll("\\s", "");
    boolean read = pem.contains("-----BEGIN PUBLIC KEY-----");
    if (read) {
      read = KEY_KINDS.stream().anyMatch(kind -> isKey(kind, body));
    }
    refuseIf(!read, "publicKey is no EC, RSA or Ed25519 key in PEM (-----BEGIN PUBLIC KEY-----)");
  }

  private static boolean isKey(String kind, String base64) {
    try {
      byte[] encoded = Base64.getDecoder().decode(base64);
      return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(encoded)) != null;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false; // Of another kind, or of none.
    }
  }

  private static void checkCertificates(String pem) {
    try {
      var read =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
      refuseIf(read.isEmpty(), "notationRoots holds no certificate in PEM");
    } catch (GeneralSecurityException e) {
      refuseIf(true, "notationRoots holds no certificates in PEM");
    }
  }

  /** A question. */
  public static VerifyRequested verify(VerifyImage body, String requestId) {
    try {
      Reference.parse(body.getReference());
    } catch (IllegalArgumentException e) {
      refuseIf(true, "reference: " + e.getMessage());
    }
    return VerifyRequested.newBuilder()
        .setRequestId(requestId)
        .setReference(body.getReference())
        .setNamespace(Intents.namespace(body.getNamespace()))
        .build();
  }

  /** A recall. */
  public static RecallRequested recall(RecallImage body) {
    refuseIf(
        body.getWaveSize() < 0 || body.getWaveSize() > WAVE_MAX,
        "waveSize is %d, it must be 1 to %d"
            .formatted(Integer.toUnsignedLong(body.getWaveSize()), WAVE_MAX));
    refuseIf(body.getReason().contains("\n"), "reason must be one line");
    return RecallRequested.newBuilder()
        .setDigest(digest(body.getDigest()))
        .setReason(body.getReason())
        .setEvict(body.getEvict())
        .setWaveSize(body.getWaveSize())
        .build();
  }

  /** A digest as it must be written. */
  public static String digest(String text) {
    try {
      return Digest.parse(text).toString();
    } catch (IllegalArgumentException e) {
      throw new Problem.Raised(
          Problem.invalid(
              "'%s' is no digest, write it like sha256: and 64 hexadecimal digits"
                  .formatted(text)));
    }
  }

  private static void refuseIf(boolean wrong, String detail) {
    if (wrong) {
      throw new Problem.Raised(Problem.invalid(detail));
    }
  }
}
